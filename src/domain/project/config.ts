/** slipway.yaml with its defaults filled in. */
export interface ProjectConfig {
  readonly project: string;
  /** Relative to the file; empty: the first of Compose's own names that is there. */
  readonly compose: readonly string[];
  /** Template of a stack's name. */
  readonly stack: string;
  readonly values: Readonly<Record<string, string>>;
  /** Of a later time: which tag a branch's images get. */
  readonly tags: Readonly<Record<string, string>>;
  readonly environments: readonly EnvironmentConfig[];
  readonly notify: readonly { readonly on: readonly string[]; readonly to: string }[];
  readonly registry: string | null;
}

export interface EnvironmentConfig {
  readonly name: string;
  /** Globs; `null`: nothing that is pushed deploys here. */
  readonly deployOn: { readonly branches: readonly string[]; readonly tags: readonly string[] } | null;
  /** `null`: the default one. */
  readonly cluster: string | null;
  /** Further ones that are named, and not deployed to yet. */
  readonly moreClusters: readonly string[];
  readonly deployLevel: string | null;
  readonly values: Readonly<Record<string, string>>;
  readonly registry: string | null;
  readonly deploy: {
    readonly deadlineMs: number | null;
    readonly stabilityMs: number | null;
    readonly failures: number | null;
  };
  /** Keys that are kept and not acted on yet. */
  readonly later: Readonly<Record<string, unknown>>;
}
