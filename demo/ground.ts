import type { Screen } from '#cli/output.ts';
import type { Options } from './options.ts';
import type { RunningSlipway } from './slipway.ts';

/** Where the sample is deployed to. */
export interface Ground {
  /** The cluster's name in Slipway. */
  readonly cluster: string;
  /** The project's name there. */
  readonly project: string;
  /** Why the engine itself has ended instances, in its own words. */
  endings(): Promise<readonly string[]>;
  /** Takes away what the sample has left there. What local instances leave goes with Slipway and the folder. @throws Trouble what is left */
  clear(slipway: RunningSlipway): Promise<void>;
}

/** What it takes to make the ground ready. */
export interface Preparing {
  readonly slipway: RunningSlipway;
  readonly options: Options;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** The local engine needs nothing. */
export const localGround: Ground = {
  cluster: 'local',
  project: 'marketplace',
  endings: async () => [],
  clear: async () => undefined,
};
