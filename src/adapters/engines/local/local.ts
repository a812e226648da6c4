import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackName } from '#domain/stack-name.ts';
import type { Capability, Engine, NodeInfo } from '../contract.ts';
import { applyChange, type Workshop } from './apply.ts';
import { findingsOf } from './check.ts';
import { worded } from './errors.ts';
import { execIn } from './exec.ts';
import { StackFolder } from './folders.ts';
import { frameOf } from './instances.ts';
import { haltAll, type Keeper, startKeeper, ticks } from './keeper.ts';
import { logsOf } from './logs.ts';
import { observeStack } from './observe.ts';
import { portsIn, withLock } from './ports.ts';
import { connectInto } from './reach.ts';
import { writeJson } from './record.ts';
import { removeStack } from './remove.ts';
import { supervisorEntry, supervisors } from './supervisors.ts';
import { tend } from './tend.ts';

export interface LocalEngineOptions {
  /** All that this engine keeps: stacks, volumes, logs, ports. */
  readonly dataDirectory: string;
  /** Where the builder put checkouts, each in a folder named by its key. */
  readonly artifactsDirectory: string;
  readonly versionKey: Uint8Array;
  /** The file that Node runs as a supervisor; by default the one beside this module, or made from its source. */
  readonly supervisorEntry?: string;
  readonly log?: { readonly fileBytes: number; readonly files: number };
  /** Told of what fails in the background, where nobody waits for it. */
  readonly onTrouble?: (error: unknown) => void;
}

/** The local engine can do one thing more: stop all processes, so that they start again with the next engine on this folder. */
export interface LocalEngine extends Engine {
  /** Ends every supervisor and its process; specifications, volumes and logs stay. For `slipway down --all`. */
  halt(signal: AbortSignal): Promise<void>;
}

const defaultLog = { fileBytes: 10 * 1024 * 1024, files: 5 } as const;
const can: ReadonlySet<Capability> = new Set<Capability>([
  'checkouts',
  'udp',
  'global',
  'jobs',
  'files',
  'published-ports',
]);

/**
 * Stacks as processes of this machine, one detached supervisor an instance: they outlive this engine, and are found again by the
 * next one on the same data folder. Processes run as the user of Slipway; as root, as the user that the service names.
 */
export async function localEngine(options: LocalEngineOptions): Promise<LocalEngine> {
  const dataDirectory = resolve(options.dataDirectory);
  await worded('the local engine cannot use its data folder', () =>
    mkdirSync(dataDirectory, { recursive: true, mode: 0o711 }),
  );
  const shop: Workshop = {
    dataDirectory,
    artifactsDirectory: resolve(options.artifactsDirectory),
    versionKey: options.versionKey,
    frame: frameOf(dataDirectory, options.log ?? defaultLog),
    ports: portsIn(dataDirectory),
    supervisors: supervisors(options.supervisorEntry ?? (await supervisorEntry(dataDirectory))),
  };
  const keeper = startKeeper(shop, options.onTrouble ?? (() => undefined));
  return engineOf(shop, keeper);
}

/** The lock under which a stack's folder is changed. */
export const stackLock = (shop: Workshop, stack: string): string => `stack ${shop.frame.domain} ${stack}`;

function engineOf(shop: Workshop, keeper: Keeper): LocalEngine {
  const folderOf = (stack: StackName) => new StackFolder(shop.dataDirectory, stack);
  const changing = <T>(stack: StackName, signal: AbortSignal, work: (folder: StackFolder) => Promise<T>): Promise<T> =>
    worded(`stack '${stack}'`, () => withLock(stackLock(shop, stack), signal, () => work(folderOf(stack))));
  const isRoot = process.getuid?.() === 0;
  return {
    kind: 'local',
    can,
    fixed: { service: ['mode.kind'], network: [], volume: [], config: [], secret: [] },
    check: async (spec) => findingsOf(spec, isRoot),
    observe: (stack, signal) =>
      worded(`stack '${stack}'`, () => {
        signal.throwIfAborted();
        return observeStack(folderOf(stack));
      }),
    apply: (desired, change, signal) =>
      changing(desired.name, signal, (folder) => applyChange(shop, folder, desired, change, signal)),
    watch: (stack, signal) => ticks(folderOf(stack), signal),
    logs: (stack, query, signal) => logsOf(folderOf(stack), query, signal),
    exec: (stack, request, signal) => execIn(folderOf(stack), request, signal),
    connect: (stack, instance, port, signal) => connectInto(folderOf(stack), instance, port, signal),
    nodes: async () => [thisNode()],
    stop: (stack, service, signal) => changing(stack, signal, (folder) => stopService(shop, folder, service, signal)),
    // each place has one supervisor, which holds its lock
    trim: async () => undefined,
    prune: (stack, keep, signal) => changing(stack, signal, async (folder) => pruneFiles(folder, keep)),
    remove: (stack, { volumes }, signal) =>
      changing(stack, signal, (folder) => removeStack(shop, folder, { volumes }, signal)),
    halt: async (signal) => {
      await keeper.close();
      await haltAll(shop.dataDirectory, signal);
    },
    close: () => keeper.close(),
  };
}

async function stopService(shop: Workshop, folder: StackFolder, service: string, signal: AbortSignal): Promise<void> {
  const kept = folder.service(service);
  if (kept === null) return;
  if (!kept.isStopped) writeJson(folder.thingFile('service', service), { ...kept, isStopped: true });
  await tend(shop, folder, signal);
  const isGone = () =>
    observeStack(folder).instances.every(
      (one) => one.service !== service || one.state === 'completed' || one.state === 'failed',
    );
  while (!isGone()) await sleep(20, undefined, { signal });
}

function pruneFiles(folder: StackFolder, keep: ReadonlySet<string>): readonly string[] {
  const gone = folder.things().filter(({ kind, name }) => (kind === 'config' || kind === 'secret') && !keep.has(name));
  for (const { kind, name } of gone) {
    rmSync(folder.thingFile(kind, name), { force: true });
    rmSync(folder.contentFile(kind, name), { force: true });
  }
  return gone.map((thing) => thing.name);
}

const thisNode = (): NodeInfo => ({
  name: hostname(),
  role: 'single',
  ready: true,
  platform: `${process.platform}/${process.arch}`,
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
});
