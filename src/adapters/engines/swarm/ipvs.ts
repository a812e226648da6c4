import { access, readFile } from 'node:fs/promises';
import { release } from 'node:os';

/**
 * Has this machine's kernel IPVS, which Swarm's virtual addresses and its routing mesh need? Loaded (`/proc/net/ip_vs`),
 * built in, or to be had as a module, which the engine loads by itself. Without it "service converged" is said and
 * nobody listens: measured.
 */
export async function kernelHasIpvs(): Promise<boolean> {
  if (await exists('/proc/net/ip_vs')) return true;
  const modules = `/lib/modules/${release()}`;
  const lists = await Promise.all(['modules.builtin', 'modules.dep'].map((name) => read(`${modules}/${name}`)));
  return lists.some((list) => /\/ip_vs\.ko/.test(list));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A machine that loads no modules has no list of them. */
const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
