/** What a service declares about its build, with paths relative to the checkout (`.` is its root). */
export interface BuildRequest {
  readonly service: string;
  readonly context: string;
  /** Relative to the context; inline text instead where Compose says `dockerfile_inline`. */
  readonly dockerfile: string;
  readonly dockerfileInline: string | null;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly cacheFrom: readonly string[];
  readonly platform: string | null;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly extraHosts: readonly string[];
  readonly network: string | null;
  readonly shmBytes: number | null;
  /** Compose's `additional_contexts`: name → path relative to the checkout, or a URL or image reference. */
  readonly contexts: Readonly<Record<string, string>>;
  /** Further paths (globs, relative to the checkout) whose change means a new build: `x-slipway.watch`. */
  readonly watch: readonly string[];
  /** Other Compose build keys, for the builder to speak of. */
  readonly other: Readonly<Record<string, unknown>>;
}

/** One file of a commit: git's mode (`100644`, `100755`, `120000` a symlink, `160000` a submodule) and object id. */
export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}
