import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lock, pokeLock, takeLock, takeLockFile } from './lock.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-lock-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const kinds = [
  ['of this system', 'takeLock', takeLock],
  ['in a file', 'takeLockFile', takeLockFile],
] as const;

test.each(kinds)('a lock %s has one holder at a time', async (_, __, take) => {
  const path = join(home, 'lock');
  const all = await Promise.all(Array.from({ length: 10 }, () => take(path)));
  const held = all.filter((lock): lock is Lock => lock !== null);
  expect(held).toHaveLength(1);
  expect(await take(path)).toBeNull();
  await held[0]?.release();
  const next = await take(path);
  expect(next).not.toBeNull();
  await next?.release();
});

test.each(kinds)('a lock %s is free once its holder was killed', async (_, name, take) => {
  const path = join(home, 'lock');
  const script = join(home, 'holder.mts');
  const source = join(dirname(fileURLToPath(import.meta.url)), 'lock.ts');
  writeFileSync(script, `import { ${name} } from '${source}'; process.send?.((await ${name}('${path}')) !== null);`);
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  expect(await new Promise((resolve) => child.once('message', resolve))).toBe(true);
  expect(await take(path)).toBeNull();
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  const next = await take(path);
  expect(next).not.toBeNull();
  await next?.release();
});

test('whoever pokes a lock learns whether it is held, and its holder is told', async () => {
  const name = join(home, 'poked');
  expect(await pokeLock(name)).toBe(false);
  let pokes = 0;
  const lock = await takeLock(name, () => {
    pokes += 1;
  });
  expect(await pokeLock(name)).toBe(true);
  await expect.poll(() => pokes).toBe(1);
  await lock?.release();
});
