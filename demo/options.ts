import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What `npm run demo -- …` may be told. */
export interface Options {
  readonly engine: 'local' | 'swarm';
  /** Checks everything, stops everything, and ends. */
  readonly once: boolean;
  /** Makes the Docker Engine a swarm, where it is none, without asking. */
  readonly init: boolean;
  /** A folder for all that the demo makes; `null`: one of its own, removed at the end. */
  readonly folder: string | null;
  /** How long one deployment may take, ms. */
  readonly limitMs: number;
}

export const usage = `npm run demo -- [options]

  --engine local|swarm   where the sample runs: as processes on this machine (default), or on a Docker Swarm, whose
                         engine is found by DOCKER_HOST, else at /var/run/docker.sock
  --once                 check that everything is as it should be, stop everything, and end with 0, or with 1 and what failed
  --init                 make the Docker Engine a swarm of one node if it is none (otherwise you are asked)
  --folder <path>        keep all that the demo makes there, instead of in a folder that is removed at the end
  --limit <seconds>      how long a deployment may take (default 600)
`;

/** @throws Error with what is wrong in the arguments; `null` when help was asked for */
export function parseOptions(argv: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      engine: { type: 'string', default: 'local' },
      once: { type: 'boolean', default: false },
      init: { type: 'boolean', default: false },
      folder: { type: 'string' },
      limit: { type: 'string', default: '600' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const engine = z.enum(['local', 'swarm']).safeParse(values.engine);
  if (!engine.success) throw new Error(`--engine is '${values.engine}', and there are local and swarm`);
  const limit = z.coerce.number().min(1).safeParse(values.limit);
  if (!limit.success) throw new Error(`--limit is '${values.limit}', which is no number of seconds`);
  const { once, init, folder } = values;
  return { engine: engine.data, once, init, folder: folder ?? null, limitMs: limit.data * 1000 };
}
