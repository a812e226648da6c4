import type { Ground } from './endpoint.ts';
import type { BindSource } from './mounts.ts';

/** What the answer depends on besides the specification. */
export interface CheckGround extends Ground {
  /** Of the Engine API that is spoken, e.g. 41. */
  readonly apiMinor: number;
  readonly bindSource: BindSource;
}
