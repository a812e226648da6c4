import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** How to look whether an instance is well. Times in ms. */
export interface Health {
  readonly probe:
    | { readonly kind: 'http'; readonly path: string }
    | { readonly kind: 'tcp' }
    | { readonly kind: 'command'; readonly argv: readonly string[] };
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
  readonly retries: number;
}

export interface PortWish {
  readonly target: number;
  readonly protocol: string;
  /** `'any'`: people may reach it, wherever; `null`: for its neighbours only. */
  readonly published: readonly [number, number] | 'any' | null;
}

/** What every instance of a service runs with. Its hash is the revision: another launch, other instances. */
export interface Launch {
  readonly argv: readonly string[];
  /** Absolute; `null`: a folder of the instance's own. */
  readonly directory: string | null;
  readonly artifact: string | null;
  /** References resolved; without ports, volumes and files. */
  readonly environment: Readonly<Record<string, string>>;
  readonly portVariable: string;
  readonly ports: readonly PortWish[];
  readonly volumes: Readonly<Record<string, string>>;
  readonly files: readonly {
    readonly key: string;
    readonly kind: string;
    readonly name: string;
    readonly mode: number;
  }[];
  readonly health: Health | null;
  readonly job: boolean;
  readonly user: { readonly uid: number; readonly gid: number } | null;
  readonly restart: {
    readonly condition: 'none' | 'on-failure' | 'any';
    readonly delayMs: number | null;
    readonly maxAttempts: number | null;
  };
  readonly stopSignal: string;
  readonly stopGraceMs: number;
}

/** One instance, written once before its supervisor starts. */
export interface InstanceRecord {
  readonly id: string;
  readonly service: string;
  readonly slot: string;
  /** Counts the instances of a slot. */
  readonly number: number;
  readonly revision: string;
  readonly launch: Launch;
  /** `8080/tcp` → the port on 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>;
  /** The whole environment of the process, markers included. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Only one supervisor of a slot runs a process; only one supervisor of an instance exists. */
  readonly locks: { readonly slot: string; readonly instance: string };
  readonly log: { readonly folder: string; readonly fileBytes: number; readonly files: number };
  readonly stateFile: string;
  readonly stopFile: string;
}

export interface Failure {
  readonly at: number;
  readonly message: string;
}

/** What a supervisor tells of its instance. */
export interface InstanceState {
  readonly phase: 'waiting' | 'running' | 'resting' | 'stopping' | 'halted' | 'stopped' | 'completed' | 'failed';
  readonly health: 'unchecked' | 'starting' | 'healthy' | 'unhealthy';
  readonly since: number;
  readonly message: string | null;
  readonly exitCode: number | null;
  readonly failures: readonly Failure[];
  readonly starts: number;
  readonly supervisor: ProcessMark | null;
  readonly workload: ProcessMark | null;
}

/** A process by number and start time, so that a number used again is not mistaken for it. */
export interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

/** Whether an instance will not run again. */
export const hasEnded = (state: InstanceState): boolean =>
  state.phase === 'stopped' || state.phase === 'completed' || state.phase === 'failed';

/** The state of an instance that has not started yet. */
export const firstState = (now: number): InstanceState => ({
  phase: 'waiting',
  health: 'unchecked',
  since: now,
  message: null,
  exitCode: null,
  failures: [],
  starts: 0,
  supervisor: null,
  workload: null,
});

/** Environment variables by which processes of an instance are known again, also when their supervisor was killed. */
export const marker = {
  slot: 'SLIPWAY_SLOT',
  instance: 'SLIPWAY_INSTANCE',
  supervisor: 'SLIPWAY_SUPERVISOR',
} as const;

/** Writes JSON so that readers, and a crash at any moment, find the old or the new content whole. */
export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(value, null, 1)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A file of the data folder that is not what Slipway wrote there. */
export class DamagedFile extends Error {}

/**
 * `null` where there is no such file. Whoever asks knows what is in it: only Slipway writes there.
 * @throws DamagedFile naming a file that is no JSON.
 */
export function readJson<T>(path: string): T | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new DamagedFile(`${path} is damaged: ${error}`);
  }
}
