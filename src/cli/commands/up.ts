import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SlipwayError } from '#domain/errors.ts';
import { defaultDataFolder } from '../access.ts';
import { stream } from '../command.ts';
import type { Context } from '../context.ts';
import { startDetached } from '../detached.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Screen } from '../output.ts';
import { removeServerFile, writeServerFile } from '../server-file.ts';

const args = z.object({
  detach: z
    .boolean()
    .default(false)
    .describe('Run it in the background; its log is server.log of the data folder')
    .meta({ short: 'd' }),
  data: z
    .string()
    .optional()
    .describe('The one folder for everything; by default /var/lib/slipway for root, else ~/.slipway'),
  port: z.coerce.number<number>().int().min(0).max(65_535).default(4646).describe('Where it listens; 0: any free port'),
  host: z.string().default('127.0.0.1').describe('On which address'),
});
const result = z.object({
  state: z.enum(['started', 'stopped']),
  url: z.string(),
  pid: z.number(),
  dataFolder: z.string(),
  tokenFile: z.string(),
  detached: z.boolean(),
});
type State = z.output<typeof result>;

/** `slipway up`: the server. Nothing of it is loaded for any other command. */
export const up = stream({
  name: 'up',
  about: 'Run the server',
  details:
    'With DATABASE_URL it uses that PostgreSQL, without it brings its own. Ctrl-C stops it cleanly; what is deployed goes on\n' +
    'running, and is found again by the next start. --json: {"state":"started"}, then {"state":"stopped"}.',
  args,
  result,
  run: serve,
  show: async (states, screen) => {
    for await (const state of states) screen.write(text(state, screen));
  },
  interrupted: exitCodes.ok.code,
});

async function* serve(said: z.output<typeof args>, context: Context): AsyncIterable<State> {
  const dataFolder = resolve(context.cwd, said.data ?? defaultDataFolder(context.env));
  const about = { dataFolder, tokenFile: join(dataFolder, 'token'), detached: said.detach };
  if (said.detach) {
    const { host, port } = said;
    const { url, pid } = await startDetached({ dataFolder, host, port });
    yield { state: 'started', url, pid, ...about };
    return;
  }
  const { signal } = context;
  const { startServer } = await import('#main.ts');
  const server = await startServer({
    dataDirectory: dataFolder,
    databaseUrl: context.env.DATABASE_URL || null,
    host: said.host,
    port: said.port,
    log: (line) => context.note(line),
  }).catch((thrown: unknown) => {
    throw portTaken(thrown, said);
  });
  const { url } = server;
  const { pid } = process;
  writeServerFile(dataFolder, { url, pid });
  try {
    yield { state: 'started', url, pid, ...about };
    const interrupted = new Promise<void>((done) => {
      if (signal.aborted) done();
      else signal.addEventListener('abort', () => done());
    });
    await Promise.race([interrupted, server.stopped]);
    await server.stop({ all: false });
  } finally {
    removeServerFile(dataFolder, pid);
  }
  yield { state: 'stopped', url, pid, ...about };
}

function portTaken(thrown: unknown, { host, port }: { readonly host: string; readonly port: number }): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
  if (code === 'EADDRINUSE')
    return new SlipwayError(
      'conflict',
      `port ${port} of ${host} is taken`,
      'stop what listens there, or give another --port',
      thrown,
    );
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL')
    return new SlipwayError(
      'conflict',
      `it cannot listen on ${host}, port ${port}`,
      'give another --host or --port',
      thrown,
    );
  return thrown;
}

function text({ state, url, pid, dataFolder, tokenFile, detached }: State, { paint }: Screen): string {
  if (state === 'stopped') return 'Slipway has stopped; what is deployed goes on running.\n';
  const isDefault = dataFolder === defaultDataFolder(process.env);
  return [
    `${paint.good('Slipway is up')} at ${paint.strong(url)}${detached ? ` (process ${pid})` : ''}\n`,
    `  data   ${dataFolder}\n`,
    `  token  ${tokenFile}${isDefault ? ' (the command line on this machine finds it there)' : ''}\n`,
    isDefault ? '' : `\nThe other commands find it by its folder:\n  export SLIPWAY_DATA="${dataFolder}"\n`,
    `\nNext, in a folder with a Compose file:\n  slipway init && git push slipway HEAD\n`,
    detached
      ? `\nStop it with \`slipway down\`; its log is ${join(dataFolder, 'server.log')}\n`
      : `\nCtrl-C stops it; what is deployed goes on running.\n`,
  ].join('');
}
