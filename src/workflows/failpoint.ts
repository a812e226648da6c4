import { appendFileSync } from 'node:fs';

/**
 * Places where a test may kill the server, so that resuming is shown at every one of them. With
 * `SLIPWAY_FAILPOINT=<name>#<n>` the process dies (SIGKILL) as it passes `name` for the n-th time; with
 * `SLIPWAY_FAILPOINTS_FILE` each passing is written there. Without them it costs a look at two variables.
 */
export function failpoint(name: string): void {
  if (wanted === undefined && file === undefined) return;
  const count = (passed.get(name) ?? 0) + 1;
  passed.set(name, count);
  if (file !== undefined) appendFileSync(file, `${name}#${count}\n`);
  if (wanted === `${name}#${count}`) process.kill(process.pid, 'SIGKILL');
}

/** The same for a server that runs: counting begins anew. `null` disarms. */
export function armFailpoint(point: string | null, recordTo: string | null = null): void {
  wanted = point ?? undefined;
  file = recordTo ?? undefined;
  passed.clear();
}

let wanted = process.env.SLIPWAY_FAILPOINT;
let file = process.env.SLIPWAY_FAILPOINTS_FILE;
const passed = new Map<string, number>();
