import type { Json } from '#domain/plan/change.ts';
import { canonical } from '#domain/stack/hash.ts';
import { label } from './names.ts';
import type { JsonMap } from './native.ts';
import type { File, Network, Service, Task, Volume } from './shapes.ts';

/** Ids are replaced by names (an id changes when the thing is made anew), and a forced restart is no difference. */
const dropped: ReadonlySet<string> = new Set(['SecretID', 'ConfigID', 'ForceUpdate']);
/** What the engine adds by itself, always the same. */
const defaults: Readonly<Record<string, Json>> = { Isolation: 'default', Runtime: 'container' };

/**
 * A service's specification as the engine has it, without what changes by itself and without empty fields. Secrets in
 * variables stay: the caller seals it. `networkNames`: id → name.
 */
export function normaliseService(spec: unknown, networkNames: ReadonlyMap<string, string>): Json {
  return tidy(toJson(spec), networkNames, '');
}

/** Would writing `wanted` change nothing of what is there? */
export const isSameService = (wanted: unknown, live: unknown, networkNames: ReadonlyMap<string, string>): boolean =>
  canonical(normaliseService(wanted, networkNames)) === canonical(normaliseService(live, networkNames));

/** Is this task made from the service's present template, `ForceUpdate` included? */
export const isSameTemplate = (task: Task, service: Service): boolean =>
  canonical(prune(toJson(task.Spec))) === canonical(prune(toJson(service.Spec.TaskTemplate)));

/** What of a network can be compared: addresses only where the specification asked for some. */
export function normaliseNetwork(network: Network): Json {
  const options = Object.entries(network.Options).filter(([key]) => !key.endsWith('.vxlanid_list'));
  const ipam = network.Labels[label.subnets] === undefined ? [] : (network.IPAM?.Config ?? []);
  return tidy(
    toJson({
      Driver: network.Driver,
      Internal: network.Internal ?? false,
      Attachable: network.Attachable ?? false,
      EnableIPv6: network.EnableIPv6 ?? false,
      Options: Object.fromEntries(options),
      IPAM: ipam,
      Labels: network.Labels,
    }),
    new Map(),
    '',
  );
}

/** What of a volume can be compared. */
export const normaliseVolume = ({ Driver, Options, Labels }: Volume): Json =>
  tidy(toJson({ Driver, Options, Labels }), new Map(), '');

/** The content of a config is its name; that of a secret the engine does not give back. */
export const normaliseFile = (file: File): Json => tidy(toJson({ Labels: file.Spec.Labels }), new Map(), '');

const toJson = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

function tidy(value: Json, names: ReadonlyMap<string, string>, key: string): Json {
  if (typeof value === 'string') return key === 'Target' ? (names.get(value) ?? value) : value;
  if (Array.isArray(value)) return value.map((item: Json) => tidy(item, names, ''));
  if (!isMap(value)) return value;
  // keys of these maps are the user's
  if (key === 'Labels' || key === 'Options' || key === 'Sysctls' || key === 'DriverOpts') return value;
  const kept = Object.entries(value)
    .filter(([name, item]) => !dropped.has(name) && defaults[name] !== item)
    .map(([name, item]) => [name, tidy(item, names, name)] as const)
    .filter(([, item]) => !isNothing(item));
  return Object.fromEntries(kept);
}

/** A task's copy of the template lacks the engine's defaults, and some of the empty fields. */
function prune(value: Json): Json {
  if (Array.isArray(value)) return value.map(prune);
  if (!isMap(value)) return value;
  const kept = Object.entries(value).map(([name, item]) => [name, prune(item)] as const);
  return Object.fromEntries(kept.filter(([name, item]) => !isNothing(item) && defaults[name] !== item));
}

const isMap = (value: Json): value is JsonMap => value !== null && typeof value === 'object' && !Array.isArray(value);
/** The engine writes 0 where nothing was said (`MaxAttempts`), and leaves out a 0 that was (`Delay`): both mean the same. */
const isNothing = (value: Json): boolean =>
  value === null || value === 0 || (typeof value === 'object' && Object.keys(value).length === 0);
