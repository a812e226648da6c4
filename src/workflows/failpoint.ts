import { appendFileSync } from 'node:fs';

/**
 * Places where a test may kill the server, so that resuming is shown at every one of them. With
 * `SLIPWAY_FAILPOINT=<name>#<n>` the process dies (SIGKILL) as it passes `name` for the n-th time; with
 * `SLIPWAY_FAILPOINTS_FILE` each passing is written there. Without them it costs a map look-up.
 */
export function failpoint(name: string): void {
  if (wanted === undefined && file === undefined) return;
  const count = (passed.get(name) ?? 0) + 1;
  passed.set(name, count);
  if (file !== undefined) appendFileSync(file, `${name}#${count}\n`);
  if (wanted === `${name}#${count}`) process.kill(process.pid, 'SIGKILL');
}

const wanted = process.env.SLIPWAY_FAILPOINT;
const file = process.env.SLIPWAY_FAILPOINTS_FILE;
const passed = new Map<string, number>();
