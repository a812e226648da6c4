import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bed } from '../bed/bed.ts';
import { pages } from '../docs/markdown.ts';
import { until } from '../support/until.ts';
import { Walkthrough } from '../support/walkthrough.ts';

const engine = await bed();
const docker = new Docker({ socketPath: engine?.socketPath });
const why = await whatIsMissing();
if (why !== null) console.log(`left out: WordPress on a swarm, ${why}`);
const guide = pages().find((page) => page.path === 'docs/wordpress.md') ?? expect.fail('there is no such page');
const scripts = guide.blocks.filter((block) => block.info === 'sh run').map((block) => block.text);
const compose = guide.blocks.find((block) => block.info === 'yaml compose.yaml')?.text ?? '';

async function whatIsMissing(): Promise<string | null> {
  if (!engine?.swarm) return 'no Docker engine that manages a swarm answers';
  const names = ['wordpress:latest', 'mysql:8'];
  const found = await Promise.all(
    names.map((name) =>
      docker
        .getImage(name)
        .inspect()
        .then(
          () => true,
          () => false,
        ),
    ),
  );
  const missing = names.filter((_, index) => !found[index]);
  if (missing.length === 0) return null;
  const told = `the engine does not have ${missing.join(' and ')} (test/bed/images.sh --wordpress makes them)`;
  if (process.env.CI) throw new Error(told);
  return told;
}

// several programs started one after another by a shell: minutes on a busy machine
const patience = { timeout: 300_000 };

describe.skipIf(why !== null)(
  'WordPress and MySQL from their usual Compose file, by docs/wordpress.md',
  patience,
  () => {
    let walk: Walkthrough;
    let port = 0;
    const [start = '', deploy = '', look = '', dump = '', remove = ''] = scripts;

    beforeAll(async () => {
      port = await freePort();
      walk = await Walkthrough.begin((text) =>
        text
          .replaceAll('8080', String(port))
          .replaceAll('slipway up', 'slipway up --port 0')
          .replaceAll('cluster add swarm', `cluster add swarm --socket ${engine?.socketPath}`)
          // stacks of others may be on this engine
          .replaceAll('blog', name),
      );
      await walk.run(start);
    });
    const name = `blog${process.pid}`;
    afterAll(() => walk?.end());

    test('the file has no key of Slipway’s in it', () => {
      expect(compose).toMatch(/depends_on[\s\S]*8080:80/);
      expect(compose).not.toMatch(/slipway|x-/);
    });

    test('it is made a project, planned and deployed, and WordPress answers at its port', async () => {
      await writeFile(join(walk.home, 'work', 'compose.yaml'), compose.replace('8080:80', `${port}:80`));
      const told = await walk.run(deploy);
      expect(told).toMatch(/service.*wordpress/);
      const page = await until('the install page', async () => {
        const url = `http://127.0.0.1:${port}/wp-admin/install.php`;
        // a page that waits for a database that is not there yet is asked for again, as a reader would
        const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
        return answer.ok && (await answer.text());
      });
      expect(page).toMatch(/<title>WordPress[^<]*Installation<\/title>/);
      expect(page).not.toMatch(/Error establishing a database connection/);
    });

    test('it is shown as it runs, and an unchanged commit has an empty plan', async () => {
      expect(await walk.run(look)).toMatch(new RegExp(`${name}-production[\\s\\S]*wordpress[\\s\\S]*${port}`));
    });

    test('its data is dumped into a file, and a dump is read in', async () => {
      await walk.run(dump);
      const sql = await readFile(join(walk.home, 'work', `${name}.sql`), 'utf8');
      expect(sql).toMatch(/Dump completed on .*\n$/);
    });

    test('it goes away with its volumes', async () => {
      await walk.run(remove);
      const label = JSON.stringify({ label: [`com.docker.stack.namespace=${name}-production`] });
      expect(await docker.listServices({ filters: label })).toEqual([]);
      expect((await docker.listVolumes({ filters: label })).Volumes ?? []).toEqual([]);
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    });
  },
);

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
