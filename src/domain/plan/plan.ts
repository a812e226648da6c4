import type { StackSpec } from '../stack/spec.ts';
import {
  type Change,
  type FieldChange,
  type Finding,
  type ObservedThing,
  type Plan,
  type RecordedThing,
  type Thing,
  type ThingKind,
  thingId,
} from './change.ts';
import { diff } from './diff.ts';
import { type DesiredThing, thingsOf } from './things.ts';

export interface PlanInput {
  /** `null`: the stack is to be removed. */
  readonly desired: StackSpec | null;
  /** What the engine has now under our labels. */
  readonly observed: readonly ObservedThing[];
  /** What Slipway wrote last, with what the engine gave back. */
  readonly recorded: readonly RecordedThing[];
  /** Paths of a thing's specification that the engine cannot change in place (`mode.kind`), by kind. */
  readonly fixed: Readonly<Record<ThingKind, readonly string[]>>;
  readonly versionKey: Uint8Array;
  /** What the engine said of the specification. */
  readonly findings: readonly Finding[];
}

/**
 * What has to change so that the engine runs `desired`, thing by thing, with the fields that differ. Applied, the same
 * plan made again is empty. Volumes are never removed or replaced: what would lose data is refused. Source: requirement 4.4.
 */
export function plan(input: PlanInput): Plan {
  const live = new Map(input.observed.map((thing) => [thingId(thing), thing]));
  const recorded = new Map(input.recorded.map((thing) => [thingId(thing), thing]));
  const desired = input.desired === null ? [] : thingsOf(input.desired, input.versionKey);
  const wanted = new Set(desired.map(thingId));
  const changes = desired.map((thing) =>
    changeOf(thing, live.get(thingId(thing)), recorded.get(thingId(thing)), input.fixed[thing.kind]),
  );
  const removals = input.observed.filter((thing) => !wanted.has(thingId(thing)) && isRemoved(thing));
  const kept = input.observed.filter((thing) => !wanted.has(thingId(thing)) && thing.kind === 'volume');
  const made = changes.filter((change) => change !== null);
  return {
    changes: [...made.filter((change) => !isLoss(change)), ...removals.map(removal)],
    unchanged: desired.filter((_, index) => changes[index] === null).map(({ kind, name }) => ({ kind, name })),
    findings: [...input.findings, ...made.filter(isLoss).map(lossFinding), ...kept.map(keptFinding)],
  };
}

function changeOf(
  want: DesiredThing,
  live: ObservedThing | undefined,
  recorded: RecordedThing | undefined,
  fixed: readonly string[],
): Change | null {
  const { kind, name } = want;
  if (!live) return { kind, name, action: 'create', why: kind === 'service' ? 'not running' : 'not there', fields: [] };
  // a config's content is its name; a network or volume of our label that no record knows is taken as it is
  if (!recorded) return kind === 'service' ? unknown(want) : null;
  const specified = diff(recorded.spec, want.spec).map((field) => ({ ...field, cause: 'specification' as const }));
  const drifted =
    kind === 'service' || kind === 'network'
      ? diff(recorded.native, live.native).map((field) => ({ ...field, cause: 'drift' as const }))
      : [];
  const fields = [...specified, ...drifted];
  if (fields.length === 0) return null;
  const action = specified.some((field) => fixed.some((path) => within(field.path, path))) ? 'replace' : 'update';
  return { kind, name, action, why: whyOf(specified, drifted), fields };
}

const within = (path: string, root: string): boolean =>
  path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`);

const unknown = ({ kind, name }: Thing): Change => ({
  kind,
  name,
  action: 'update',
  why: 'it runs, but there is no record of what was written',
  fields: [],
});

function whyOf(specified: readonly FieldChange[], drifted: readonly FieldChange[]): string {
  const artifact = specified.find((field) => within(field.path, 'artifact'));
  const reasons = [
    artifact && specified.length > 0 ? 'another build' : specified.length > 0 ? 'settings differ' : null,
    drifted.length > 0 ? 'changed on the engine by somebody else' : null,
  ];
  return reasons.filter((reason) => reason !== null).join('; ');
}

const isRemoved = (thing: Thing): boolean => thing.kind === 'service' || thing.kind === 'network';
const removal = ({ kind, name }: Thing): Change => ({
  kind,
  name,
  action: 'remove',
  why: 'not in the Compose file',
  fields: [],
});

const isLoss = (change: Change): boolean => change.kind === 'volume' && change.action !== 'create';
const lossFinding = (change: Change): Finding => ({
  level: change.action === 'replace' ? 'refused' : 'note',
  service: null,
  field: `volumes.${change.name}`,
  message:
    change.action === 'replace'
      ? `volume '${change.name}' differs in ${change.fields.map((field) => field.path).join(', ')}; a volume cannot be changed, and replacing it would lose its data: give the new one another name`
      : `volume '${change.name}' keeps its old labels: engines cannot change them`,
});
const keptFinding = (thing: Thing): Finding => ({
  level: 'note',
  service: null,
  field: `volumes.${thing.name}`,
  message: `volume '${thing.name}' is no longer in the Compose file and is kept with its data`,
});
