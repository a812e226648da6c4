#!/usr/bin/env node
// npm run cli-page: writes docs/cli.md from the commands themselves. A test says when it is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPage } from '../src/cli/page.ts';

writeFileSync(join(import.meta.dirname, '../docs/cli.md'), await cliPage());
