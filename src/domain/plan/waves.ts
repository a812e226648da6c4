import type { Dependency, ServiceSpec, StackSpec } from '../stack/spec.ts';
import type { Change } from './change.ts';

/** Changes that may be made side by side, once each `after` holds. */
export interface Wave {
  readonly changes: readonly Change[];
  readonly after: readonly Dependency[];
}

/**
 * The order of a plan's changes: networks, volumes and files first, then services behind those they depend on, then what
 * goes. A dependency on a service that does not change is met already. Source: requirement 4.5.
 */
export function waves(changes: readonly Change[], desired: StackSpec | null): readonly Wave[] {
  const kept = changes.filter((change) => change.action !== 'remove');
  const services = new Map(kept.filter((change) => change.kind === 'service').map((change) => [change.name, change]));
  const specs = new Map((desired?.services ?? []).map((service) => [service.name, service]));
  const depth = depths([...services.keys()], specs);
  const levels = [...new Set(depth.values())].sort((a, b) => a - b);
  return [
    { changes: kept.filter((change) => change.kind !== 'service'), after: [] },
    ...levels.map((level) =>
      serviceWave(
        [...services.values()].filter((change) => depth.get(change.name) === level),
        specs,
        services,
      ),
    ),
    { changes: changes.filter((change) => change.action === 'remove' && change.kind === 'service'), after: [] },
    { changes: changes.filter((change) => change.action === 'remove' && change.kind !== 'service'), after: [] },
  ].filter((wave) => wave.changes.length > 0);
}

/** Waves to be made one after another, once each `after` holds: nothing is waited for between them. */
export interface Leg {
  readonly waves: readonly (readonly Change[])[];
  readonly after: readonly Dependency[];
}

/** The waves of a plan up to each that must wait for what an earlier one changed to be healthy, or to have completed. */
export function legs(inOrder: readonly Wave[]): readonly Leg[] {
  const starts = inOrder.flatMap((wave, index) => (index === 0 || wave.after.length > 0 ? [index] : []));
  return starts.map((start, index) => {
    const own = inOrder.slice(start, starts[index + 1]);
    return { waves: own.map((wave) => wave.changes), after: own[0]?.after ?? [] };
  });
}

function serviceWave(
  changes: readonly Change[],
  specs: ReadonlyMap<string, ServiceSpec>,
  changed: ReadonlyMap<string, Change>,
): Wave {
  const after = changes
    .flatMap((change) => specs.get(change.name)?.dependsOn ?? [])
    .filter((need) => changed.has(need.service) && need.condition !== 'started');
  const unique = new Map(after.map((need) => [`${need.service} ${need.condition}`, need]));
  return { changes, after: [...unique.values()] };
}

/** How many changed services stand before each one. A cycle, which the loader refuses, counts as no dependency. */
function depths(names: readonly string[], specs: ReadonlyMap<string, ServiceSpec>): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  const visit = (name: string, path: ReadonlySet<string>): number => {
    const seen = known.get(name);
    if (seen !== undefined) return seen;
    const needs = (specs.get(name)?.dependsOn ?? [])
      .map((need) => need.service)
      .filter((need) => specs.has(need) && !path.has(need));
    const below = Math.max(-1, ...needs.map((need) => visit(need, new Set([...path, name]))));
    known.set(name, below + 1);
    return below + 1;
  };
  for (const name of names) visit(name, new Set([name]));
  return new Map(names.map((name) => [name, known.get(name) ?? 0]));
}
