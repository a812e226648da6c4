import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { answer, slipwayClient } from '#client/client.ts';
import { SlipwayError } from '#domain/errors.ts';
import { defaultDataFolder, readServerFile } from '../access.ts';
import { command } from '../command.ts';
import type { Context } from '../context.ts';
import { isRunning, isUp, removeServerFile } from '../server-file.ts';

const result = z.object({
  stopped: z.enum(['server', 'left behind', 'nothing']),
  dataFolder: z.string(),
  all: z.boolean(),
});
type Result = z.output<typeof result>;

/** A running deployment comes to a safe point first. */
const stopWithinMs = 120_000;

/** `slipway down`: the server of a data folder, or what a killed one left. */
export const down = command({
  name: 'down',
  about: 'Stop the server; what is deployed goes on running',
  details: 'Where the server was killed it stops the embedded database that it left.',
  args: z.object({
    all: z.boolean().default(false).describe('Stop the local instances too').meta({ short: 'a' }),
    data: z.string().optional().describe('The data folder of the server'),
  }),
  result,
  run: async ({ all, data }, context): Promise<Result> => {
    const dataFolder = resolve(context.cwd, data ?? defaultDataFolder(context.env));
    if (!existsSync(dataFolder)) return { stopped: 'nothing', dataFolder, all };
    return stopFolder(dataFolder, all, context);
  },
  show: ({ stopped, dataFolder, all }) => {
    const instances = all ? 'its local instances are stopped too' : 'what is deployed goes on running';
    if (stopped === 'server') return `the server of ${dataFolder} has stopped; ${instances}`;
    if (stopped === 'left behind') return `no server ran on ${dataFolder}; what it left is stopped; ${instances}`;
    return `nothing runs on ${dataFolder}`;
  },
});

async function stopFolder(dataFolder: string, all: boolean, context: Context): Promise<Result> {
  const server = readServerFile(dataFolder);
  if (server !== null && isRunning(server.pid) && (await isUp(server.url))) {
    const token = readFileSync(join(dataFolder, 'token'), 'utf8').trim();
    await answer(slipwayClient({ url: server.url, token }).POST('/v1/shutdown', { body: { all } }));
    await untilEnded(server.pid, context);
    return { stopped: 'server', dataFolder, all };
  }
  // the server's parts are loaded only where there is no server to ask
  const { stopLeftBehind } = await import('#left-behind.ts');
  const found = await stopLeftBehind(dataFolder, { all });
  if (server !== null) removeServerFile(dataFolder, server.pid);
  return { stopped: found.database || found.instances ? 'left behind' : 'nothing', dataFolder, all };
}

async function untilEnded(pid: number, { signal }: Context): Promise<void> {
  const deadline = Date.now() + stopWithinMs;
  while (isRunning(pid)) {
    if (signal.aborted || Date.now() > deadline)
      throw new SlipwayError(
        'server.unreachable',
        `the server, process ${pid}, was told to stop and still runs`,
        'see its log',
      );
    await sleep(50);
  }
}
