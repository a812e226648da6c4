import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, ThingKind } from '#domain/plan/change.ts';
import type { StackName } from '#domain/stack-name.ts';
import type { Candidate } from './decide.ts';
import { hasEnded, type InstanceRecord, type InstanceState, type Launch, readJson } from './record.ts';

/** A thing of a stack as it is kept on disk. */
export interface KeptThing {
  readonly kind: ThingKind;
  readonly name: string;
  readonly native: Json;
}

/** A service as it is kept: what its instances should run, and how many of them. */
export interface KeptService extends KeptThing {
  readonly kind: 'service';
  readonly revision: string;
  readonly launch: Launch;
  readonly slots: readonly string[];
  readonly parallelism: number;
  /** Its instances were stopped on purpose; the specification stays. */
  readonly isStopped: boolean;
}

/** An instance with what its supervisor tells; `state` is `null` before that wrote a first word. */
export interface KeptInstance {
  readonly record: InstanceRecord;
  readonly state: InstanceState | null;
  readonly isToStop: boolean;
}

/**
 * Where the local engine keeps a stack: `things/` (one JSON file each), `files/` (contents of configs and secrets),
 * `volumes/`, `instances/ID/`, `state/` (what the supervisors tell: its own folder, so that a look at its time shows a change).
 */
export class StackFolder {
  readonly path: string;
  readonly stack: StackName;

  constructor(dataDirectory: string, stack: StackName) {
    this.stack = stack;
    this.path = join(dataDirectory, 'stacks', stack);
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  at(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  thingFile(kind: ThingKind, name: string): string {
    return this.at('things', `${kind}.${encodeURIComponent(name)}.json`);
  }

  contentFile(kind: string, versionedName: string): string {
    return this.at('files', `${kind}.${encodeURIComponent(versionedName)}`);
  }

  /** `%2E` for dots: a volume named `..` must not lead out. */
  volumeFolder(key: string): string {
    return this.at('volumes', encodeURIComponent(key).replaceAll('.', '%2E'));
  }

  instanceFolder(id: string): string {
    return this.at('instances', id);
  }

  stateFile(id: string): string {
    return this.at('state', `${id}.json`);
  }

  things(): readonly KeptThing[] {
    return namesIn(this.at('things'))
      .filter((name) => name.endsWith('.json'))
      .map((name) => readJson<KeptThing>(this.at('things', name)))
      .filter((thing) => thing !== null);
  }

  thing(kind: ThingKind, name: string): KeptThing | null {
    return readJson<KeptThing>(this.thingFile(kind, name));
  }

  service(name: string): KeptService | null {
    return readJson<KeptService>(this.thingFile('service', name));
  }

  services(): readonly KeptService[] {
    return this.things().filter(isService);
  }

  /** All instances whose folder is still there, in the order of their making. */
  instances(): readonly KeptInstance[] {
    return namesIn(this.at('instances'))
      .map((id) => this.instance(id))
      .filter((one) => one !== null)
      .sort((a, b) => a.record.number - b.record.number);
  }

  instance(id: string): KeptInstance | null {
    const record = readJson<InstanceRecord>(join(this.instanceFolder(id), 'instance.json'));
    if (record === null) return null;
    return { record, state: readJson<InstanceState>(this.stateFile(id)), isToStop: existsSync(record.stopFile) };
  }
}

/** Whether a kept thing is a service. */
export const isService = (thing: KeptThing): thing is KeptService => thing.kind === 'service';

/** Names of the stacks that a data folder keeps. */
export function stacksIn(dataDirectory: string): readonly string[] {
  return namesIn(join(dataDirectory, 'stacks'));
}

/** What `decide` looks at of an instance. */
export function candidateOf(one: KeptInstance): Candidate {
  const { state, record } = one;
  const isWell = state?.phase === 'running' && (state.health === 'healthy' || state.health === 'unchecked');
  return {
    id: record.id,
    slot: record.slot,
    number: record.number,
    revision: record.revision,
    isToStop: one.isToStop,
    hasEnded: state !== null && hasEnded(state),
    isReady: isWell || state?.phase === 'completed',
  };
}

/** Names in a folder, sorted; none when it is not there. Temporary and hidden ones do not count. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && !name.endsWith('.tmp'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
