import { readdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '#domain/errors.ts';
import type { KeptInstance, StackFolder } from './folders.ts';
import { hasEnded } from './record.ts';
import { type Tools, tellToStop } from './tend.ts';

/** How much longer than its grace period an instance may take to be gone. */
const slackMs = 15_000;

/** Stops every instance, waits until all are gone, and deletes what the stack had. Under the stack's lock only. */
export async function removeStack(
  tools: Tools,
  folder: StackFolder,
  options: { readonly volumes: boolean },
  signal: AbortSignal,
): Promise<void> {
  if (!folder.exists()) return;
  for (const thing of folder.things())
    if (thing.kind === 'service') rmSync(folder.thingFile('service', thing.name), { force: true });
  await stopAll(tools, folder, signal);
  for (const part of ['instances', 'state', 'files']) rmSync(folder.at(part), { recursive: true, force: true });
  const kept = folder.things().filter((thing) => thing.kind === 'volume' && !options.volumes);
  for (const { kind, name } of folder.things())
    if (options.volumes || kind !== 'volume') rmSync(folder.thingFile(kind, name), { force: true });
  await tools.ports.release(`${folder.stack}/`, signal);
  if (kept.length > 0) return;
  if (options.volumes || isEmpty(folder.at('volumes'))) rmSync(folder.path, { recursive: true, force: true });
}

async function stopAll(tools: Tools, folder: StackFolder, signal: AbortSignal): Promise<void> {
  const left = () => folder.instances().filter((one) => one.state === null || !hasEnded(one.state));
  for (const one of left()) await tellToStop(one);
  const deadline = Date.now() + slackMs + Math.max(0, ...left().map((one) => one.record.launch.stopGraceMs));
  for (let all = left(); all.length > 0; all = left()) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw stillThere(folder, all);
    for (const one of all) await tools.supervisors.ensure(folder, one);
    await sleep(20, undefined, { signal });
  }
}

const stillThere = (folder: StackFolder, all: readonly KeptInstance[]): SlipwayError =>
  new SlipwayError(
    'engine.unreachable',
    `stack '${folder.stack}': ${all.map((one) => one.record.id).join(', ')} did not stop in time`,
    'try again; their supervisors are told to stop',
  );

function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return true;
  }
}
