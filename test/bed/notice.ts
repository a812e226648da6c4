import { bed } from './bed.ts';

/** Says once, before the tests, what is left out and why. */
export async function setup(): Promise<void> {
  const engine = await bed();
  const why = engine ? 'the Docker engine here is no swarm manager' : 'no Docker engine answers';
  if (!engine?.swarm) console.log(`left out: swarm tests, ${why} (as root, test/bed/up.sh starts one)`);
}
