/** Something in a stack that an engine makes, changes and removes by itself. */
export type ThingKind = 'service' | 'network' | 'volume' | 'config' | 'secret';
export interface Thing {
  readonly kind: ThingKind;
  /** The key in the Compose file; for configs and secrets the versioned name `<key>_<version>`. */
  readonly name: string;
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One field that differs: `before` and `after` are `undefined` where the field is not there. */
export interface FieldChange {
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** `drift`: somebody changed it on the engine; the specification did not. */
  readonly cause: 'specification' | 'drift';
}

export interface Change extends Thing {
  readonly action: 'create' | 'update' | 'replace' | 'remove';
  readonly why: string;
  readonly fields: readonly FieldChange[];
}

/** What an engine cannot do of a specification, or does in another way. `refused` stops the plan. */
export interface Finding {
  readonly level: 'refused' | 'differs' | 'note';
  readonly service: string | null;
  readonly field: string;
  readonly message: string;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly unchanged: readonly Thing[];
  readonly findings: readonly Finding[];
}

/** A thing as the engine has it now, under our labels. */
export interface ObservedThing extends Thing {
  readonly id: string;
  /** The engine's own specification of it, without what changes by itself (versions, times). */
  readonly native: Json;
}

/** What Slipway wrote last, and what the engine gave back right after (`native`): drift is the difference to that. */
export interface RecordedThing extends Thing {
  readonly spec: Json;
  readonly native: Json;
}

/** `service/web`: a change's name in logs, workflow ids and rows. */
export const thingId = (thing: Thing): string => `${thing.kind}/${thing.name}`;
