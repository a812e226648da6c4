import type { Duplex } from 'node:stream';
import type { Change, Finding, Json, ObservedThing, ThingKind } from '#domain/plan/change.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';

/** What not every engine can. What is not in an engine's `can`, the conformance suite skips by name, and a plan that needs it is refused. */
export type Capability =
  | 'images'
  | 'checkouts'
  | 'networks'
  | 'udp'
  | 'global'
  | 'jobs'
  | 'limits'
  | 'files'
  | 'start-first'
  | 'published-ports'
  | 'many-nodes'
  | 'terminals';

export interface Observed {
  readonly things: readonly ObservedThing[];
  readonly instances: readonly Instance[];
  /** How many instances the engine means to run, by service (a global service: its nodes). */
  readonly wanted: Readonly<Record<string, number>>;
}

export interface LogLine {
  readonly service: string;
  readonly instance: string;
  readonly stream: 'stdout' | 'stderr';
  /** ms since the epoch */
  readonly at: number;
  readonly text: string;
}

export interface LogQuery {
  readonly service?: string;
  /** An instance's id, also of one that has ended, as far as the engine remembers. */
  readonly instance?: string;
  /** The last so many lines of each instance. */
  readonly tail?: number;
  readonly follow?: boolean;
}

export interface ExecRequest {
  readonly service: string;
  /** By default one of the service's that runs. */
  readonly instance?: string;
  readonly command: readonly string[];
  /** Gives the command a terminal of this size, whose output is one stream. Only for engines that can `terminals`. */
  readonly terminal?: TerminalSize;
  /** What the command reads, as it comes; its end is the end of the command's input. */
  readonly input: AsyncIterable<ExecInput>;
}

/** In characters. */
export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** Bytes for the command, or what its terminal's size is from now on. */
export type ExecInput = Uint8Array | TerminalSize;

/** What the command wrote, as it comes, and last, once, how it ended. */
export type ExecOutput =
  | { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array }
  | { readonly exitCode: number };

export interface NodeInfo {
  readonly name: string;
  readonly role: 'manager' | 'worker' | 'single';
  readonly ready: boolean;
  readonly platform: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** Fixed fields: a change of one of these paths (`mode.kind`) cannot be made in place, the thing is replaced. */
export type FixedFields = Readonly<Record<ThingKind, readonly string[]>>;

/**
 * Where stacks run. Each engine passes conformance.ts. Every method takes a signal, ends within its own time-out when
 * the engine hangs, and throws SlipwayError `engine.unreachable` (may pass) or `engine.refused` (will not).
 * Nothing that does not bear Slipway's labels is ever changed or removed.
 */
export interface Engine {
  readonly kind: string;
  readonly can: ReadonlySet<Capability>;
  readonly fixed: FixedFields;
  /** What of this specification cannot be run here, or runs with a difference. Touches nothing. */
  check(spec: StackSpec, signal: AbortSignal): Promise<readonly Finding[]>;
  /** What runs under our labels. A stack that is not there gives empty lists. */
  observe(stack: StackName, signal: AbortSignal): Promise<Observed>;
  /**
   * Makes one change so, as `desired` says, and gives back the engine's own specification of the thing as read right
   * after (`null` once removed). Twice is the same as once: it looks before it acts, also after a crash in the middle.
   * It does not wait for instances.
   */
  apply(desired: StackSpec, change: Change, signal: AbortSignal): Promise<Json>;
  /** Says, until `signal`, that something of the stack may have changed. A hint to observe again: may come too often, and may be lost. */
  watch(stack: StackName, signal: AbortSignal): AsyncIterable<void>;
  logs(stack: StackName, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /**
   * Runs a command beside an instance; the promise ends once it has begun. Who stops reading, and the signal, end it as far as the
   * engine can. @throws SlipwayError `engine.no_instance`; `engine.refused` for what cannot be begun
   */
  exec(stack: StackName, request: ExecRequest, signal: AbortSignal): Promise<AsyncIterable<ExecOutput>>;
  /** A connection to one instance's own container port (`null`: its first), whether published or not. */
  connect(stack: StackName, instance: Instance, port: number | null, signal: AbortSignal): Promise<Duplex>;
  nodes(signal: AbortSignal): Promise<readonly NodeInfo[]>;
  /** Stops the instances of one service and keeps their logs; its specification stays, with none wanted. */
  stop(stack: StackName, service: string, signal: AbortSignal): Promise<void>;
  /**
   * Ends what runs of a service beyond what is wanted of it, where the engine has lost sight of it; what is wanted runs on, or
   * is replaced in the service's own order. Writes nothing where nothing is too much. It does not wait for the end.
   */
  trim(stack: StackName, service: string, signal: AbortSignal): Promise<void>;
  /** Removes configs and secrets under our labels whose versioned name is not in `keep`. */
  prune(stack: StackName, keep: ReadonlySet<string>, signal: AbortSignal): Promise<readonly string[]>;
  /** Removes all of a stack. Volumes only with `volumes: true`. Twice is the same as once. */
  remove(stack: StackName, options: { readonly volumes: boolean }, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
