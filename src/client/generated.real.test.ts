import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { version } from '#domain/version.ts';

const root = join(import.meta.dirname, '../..');

test('the generated client is up to date with the schemas of the API', async () => {
  const argv = ['--import', 'tsx', 'scripts/generate-client.mjs', '--check'];
  await expect(promisify(execFile)(process.execPath, argv, { cwd: root })).resolves.toMatchObject({ stderr: '' });
});

test('the version is the one of package.json', () => {
  const { version: published } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  expect(version).toBe(published);
});
