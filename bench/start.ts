import { existsSync } from 'node:fs';
import { Slipway } from '../test/support/slipway.ts';
import type { Measurement } from './measurement.ts';
import { bundle, run, timed } from './run.ts';

const key = 'ends';

/** `slipway --version` of the bundle, beside a Node that does nothing. */
export const commandStart: Measurement = {
  name: 'command',
  about: '`slipway --version` and `slipway ps` of the bundled binary',
  prepare: async (ground) => {
    if (!existsSync(bundle)) {
      ground.say('  there is no dist/slipway.js (npm run build): left out');
      return null;
    }
    const node = process.execPath;
    const { url, token } = await ground
      .server()
      .then(async (server) => ({ url: server.url, token: await server.token() }));
    const env = { ...process.env, SLIPWAY_URL: url, SLIPWAY_TOKEN: token };
    const side = (name: string, argv: readonly string[]) => ({
      name,
      run: async () => ({ [key]: await timed(() => run(node, argv, { env })) }),
    });
    return {
      sides: [side('version', [bundle, '--version']), side('node', ['-e', '0']), side('ps', [bundle, 'ps'])],
      rows: [
        {
          what: 'slipway --version',
          ours: { side: 'version', key },
          theirs: { side: 'node', key, name: 'node -e 0' },
          goal: 2.5,
        },
        { what: 'slipway ps', ours: { side: 'ps', key }, goal: 300 },
      ],
      remove: async () => undefined,
    };
  },
};

/** From the start of the process to its first answer, with the embedded database. */
export const serverStart: Measurement = {
  name: 'start',
  about: 'server start to first answer with the embedded database: the first, and a later one',
  prepare: async () => {
    let slipway = await Slipway.prepare();
    const started = async () => {
      const ms = await timed(async () => {
        await slipway.run();
        await fetch(`${slipway.url}/healthz`);
      });
      return ms;
    };
    return {
      sides: [
        {
          name: 'start',
          run: async () => {
            await slipway.dispose();
            slipway = await Slipway.prepare();
            const first = await started();
            await slipway.kill();
            return { first, adopting: await started() };
          },
        },
      ],
      rows: [
        { what: 'server start to first answer: empty data folder', ours: { side: 'start', key: 'first' } },
        { what: 'server start to first answer: after kill -9, database up', ours: { side: 'start', key: 'adopting' } },
      ],
      remove: () => slipway.dispose(),
    };
  },
};
