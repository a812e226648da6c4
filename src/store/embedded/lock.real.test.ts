import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockData } from './lock.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-lock-'));
});
afterAll(() => rm(root, { recursive: true }));

async function folder(name: string): Promise<string> {
  await mkdir(join(root, name));
  return join(root, name);
}

test('a second taker is refused and told the process that has it, by whatever path it comes', async () => {
  const data = await folder('a');
  await symlink(data, join(root, 'same'));
  const lock = await lockData(data);
  for (const path of [data, join(root, 'same')])
    await expect(lockData(path)).rejects.toMatchObject({
      code: 'data.locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  await lock.release();
  await (await lockData(data)).release();
});

test('folders do not disturb one another', async () => {
  const locks = [await lockData(await folder('b')), await lockData(await folder('c'))];
  for (const lock of locks) await lock.release();
});

test('of several that take it at once one gets it', async () => {
  const data = await folder('d');
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => lockData(data)));
  const got = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  expect(got).toHaveLength(1);
  for (const lock of got) await lock.release();
});

test('a killed owner leaves nothing behind', async () => {
  const data = await folder('e');
  const script = `import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)}).then(async ({ lockData }) => {
    await lockData(${JSON.stringify(data)}); console.log('has it'); setInterval(() => {}, 1000); });`;
  const owner = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(owner.stdout, 'data');
  await expect(lockData(data)).rejects.toMatchObject({ message: expect.stringContaining(`process ${owner.pid}`) });
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await (await lockData(data)).release();
});
