#!/usr/bin/env node
// npm run schema: writes the JSON Schemas that editors use. A test says when one is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchemas } from '../src/domain/project/json-schema.ts';

for (const [file, schema] of Object.entries(publishedSchemas))
  writeFileSync(join(import.meta.dirname, '../docs/schema', file), schema());
