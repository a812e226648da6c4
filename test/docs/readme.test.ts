import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Walkthrough } from '../support/walkthrough.ts';
import { pages } from './markdown.ts';

const readme = pages().find((page) => page.path === 'README.md') ?? expect.fail('there is no README.md');
const scripts = readme.blocks.filter((block) => block.info === 'sh run').map((block) => block.text);

// several programs started one after another by a shell: minutes on a busy machine
const patience = { timeout: 300_000 };

describe('a reader of the README, who copies its blocks one after another', patience, () => {
  let walk: Walkthrough;
  const [make = '', begin = '', push = '', change = '', remove = ''] = scripts;

  beforeAll(async () => {
    const port = await freePort();
    walk = await Walkthrough.begin((text) => text.replaceAll('8080', String(port)));
    await walk.run('slipway up --detach --port 0');
  });
  afterAll(() => walk?.end());

  test('has a project and its plan', async () => {
    await walk.run(make);
    const told = await walk.run(begin);
    expect(told).toMatch(/The local engine runs it/);
    expect(told).toMatch(/\+ service web will be created/);
  });

  test('pushes it, sees it deployed, and is answered', async () => {
    const told = await walk.run(push);
    expect(told).toMatch(/main \([0-9a-f]+\) → production: deployment 1/);
    expect(told).toMatch(/^hello, world$/m);
  });

  test('changes it, and goes back', async () => {
    expect(await walk.run(change)).toMatch(/^hello, world$/m);
  });

  test('takes it away', async () => {
    await walk.run(remove);
    expect(await walk.run('slipway ps --json')).toMatch(/"items":\[\]/);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const found = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(found));
    });
  });
}
