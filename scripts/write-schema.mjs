#!/usr/bin/env node
// npm run schema: writes the JSON Schema of slipway.yaml that editors use. A test says when it is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedSchema } from '../src/domain/project/json-schema.ts';

writeFileSync(join(import.meta.dirname, '../docs/schema/slipway.schema.json'), publishedSchema());
