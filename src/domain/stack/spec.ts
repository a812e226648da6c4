import type { StackName } from '../stack-name.ts';

/**
 * What should run, in words that no engine owns. Made from Compose, slipway.yaml and an environment; every list is
 * sorted, every path relative to the checkout, every file here by its content, so that one commit has one hash on
 * every machine. Times are milliseconds, sizes bytes.
 */
export interface StackSpec {
  readonly name: StackName;
  readonly project: string;
  readonly environment: string;
  readonly services: readonly ServiceSpec[];
  readonly networks: readonly NetworkSpec[];
  readonly volumes: readonly VolumeSpec[];
  readonly files: readonly FileSpec[];
}

export interface ServiceSpec {
  readonly name: string;
  readonly artifact: Artifact;
  /** `null`: what the image says. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly environment: Readonly<Record<string, string>>;
  /** Variables whose text names other services, `http://{service.api}`: each engine fills in its own addresses. */
  readonly references: Readonly<Record<string, string>>;
  /** Labels of the containers; `deployLabels` are those of the service itself. */
  readonly labels: Readonly<Record<string, string>>;
  readonly deployLabels: Readonly<Record<string, string>>;
  readonly mode: Mode;
  readonly health: HealthCheck | null;
  readonly ports: readonly Port[];
  /** Container ports that are known without being published (`expose`), with the targets of `ports`: the first is `{service.NAME}`. */
  readonly expose: readonly number[];
  readonly mounts: readonly Mount[];
  readonly networks: readonly NetworkAttachment[];
  readonly files: readonly FileMount[];
  readonly dependsOn: readonly Dependency[];
  readonly restart: RestartPolicy;
  readonly rollout: RolloutPolicy;
  readonly resources: Resources;
  readonly placement: Placement;
  readonly process: ProcessSettings;
  readonly host: HostAccess;
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> } | null;
  /** How Slipway asks an instance for its test report and its commit. */
  readonly checks: { readonly test: HttpCheck | null; readonly info: (HttpCheck & { readonly field: string }) | null };
  /** How the local engine runs it. `null`: nothing was said. */
  readonly local: LocalSettings | null;
}

/** What an instance runs. `key` is the hash of a build's inputs, `commit` the one the artifact was first built from. */
export type Artifact =
  | { readonly kind: 'unbuilt'; readonly key: string }
  | {
      readonly kind: 'image';
      readonly reference: string;
      readonly pinned: string | null;
      readonly commit: string | null;
    }
  | { readonly kind: 'checkout'; readonly key: string; readonly commit: string }
  /** Others' image that the local engine replaces by a process of the checkout (`x-slipway.local`). */
  | { readonly kind: 'none' };

export type Mode =
  | { readonly kind: 'replicated'; readonly replicas: number }
  | { readonly kind: 'global' }
  /** Runs to its end, once a deployment that changes it; others may wait for that. */
  | { readonly kind: 'job'; readonly completions: number };

export interface HealthCheck {
  /** `['NONE']`, `['CMD', ...argv]` or `['CMD-SHELL', text]`; empty: the image's own command. */
  readonly test: readonly string[];
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly startPeriodMs: number | null;
  readonly startIntervalMs: number | null;
  readonly retries: number | null;
}

export interface Port {
  readonly target: number;
  /** `null`: any free one. A range `[from, to]` is for one instance each. */
  readonly published: readonly [number, number] | null;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  /** `null`: nobody said; the engine chooses what works. */
  readonly mode: 'host' | 'ingress' | null;
  readonly hostIp: string | null;
}

export type Mount =
  | {
      readonly kind: 'volume';
      readonly source: string | null;
      readonly target: string;
      readonly readOnly: boolean;
      readonly noCopy: boolean;
      readonly subpath: string | null;
    }
  /** `source` is absolute, or relative to the checkout as `./x`. */
  | {
      readonly kind: 'bind';
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly propagation: string | null;
      readonly create: boolean;
    }
  | {
      readonly kind: 'tmpfs';
      readonly target: string;
      readonly sizeBytes: number | null;
      readonly mode: number | null;
    };

export interface NetworkAttachment {
  readonly network: string;
  readonly aliases: readonly string[];
  readonly driverOptions: Readonly<Record<string, string>>;
}

export interface FileMount {
  readonly file: string;
  readonly kind: 'config' | 'secret';
  readonly target: string;
  readonly uid: string;
  readonly gid: string;
  readonly mode: number;
}

export interface Dependency {
  readonly service: string;
  readonly condition: 'started' | 'healthy' | 'completed';
  readonly required: boolean;
}

export interface RestartPolicy {
  readonly condition: 'none' | 'on-failure' | 'any';
  readonly delayMs: number | null;
  readonly maxAttempts: number | null;
  readonly windowMs: number | null;
}

export interface RolloutPolicy {
  /** What was asked for; what a published host port or a volume makes of it, the engine says in `check`. */
  readonly order: 'start-first' | 'stop-first' | null;
  readonly parallelism: number;
  readonly delayMs: number;
  /** How long every instance must stay well before the rollout counts as done. */
  readonly stabilityMs: number;
  /** The rollout fails when it is not done so long after it began. */
  readonly deadlineMs: number;
  /** Failed starts of one instance after which the rollout fails at once. */
  readonly failureBudget: number;
}

export interface Resources {
  readonly limits: { readonly cpus: number | null; readonly memoryBytes: number | null; readonly pids: number | null };
  readonly reservations: { readonly cpus: number | null; readonly memoryBytes: number | null };
  readonly shmBytes: number | null;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
}

export interface Placement {
  readonly constraints: readonly string[];
  readonly spread: readonly string[];
  readonly maxPerNode: number | null;
  readonly platform: string | null;
}

export interface ProcessSettings {
  readonly user: string | null;
  readonly groups: readonly string[];
  readonly workingDirectory: string | null;
  readonly hostname: string | null;
  readonly stopSignal: string | null;
  readonly stopGraceMs: number | null;
  readonly init: boolean | null;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly readOnly: boolean;
}

/** What reaches out of the container. An engine that cannot give it refuses the plan. */
export interface HostAccess {
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOptions: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly devices: readonly string[];
  readonly networkMode: 'none' | 'host' | string | null;
  readonly pidMode: string | null;
  readonly ipcMode: string | null;
  readonly extraHosts: readonly string[];
  readonly dns: {
    readonly servers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
  readonly endpointMode: 'vip' | 'dnsrr' | null;
  /** Other Compose keys that no engine-neutral field holds: path → value, for `check` to speak of. */
  readonly other: Readonly<Record<string, unknown>>;
}

export interface HttpCheck {
  readonly path: string;
  /** Container port; `null`: the first declared one. */
  readonly port: number | null;
  readonly timeoutMs: number;
}

export interface LocalSettings {
  /** Folder in the checkout, relative (`services/web`). */
  readonly directory: string;
  readonly install: readonly string[] | null;
  readonly command: readonly string[] | null;
  readonly health: { readonly http: string } | { readonly command: readonly string[] } | { readonly tcp: true } | null;
  /** The environment variable by which the process learns its port. */
  readonly portVariable: string;
}

export interface NetworkSpec {
  readonly key: string;
  readonly external: string | null;
  /** A name of its own (`name:`); `null`: `<stack>_<key>`. */
  readonly name: string | null;
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly attachable: boolean;
  readonly internal: boolean;
  readonly ipv6: boolean | null;
  readonly subnets: readonly {
    readonly subnet: string | null;
    readonly gateway: string | null;
    readonly ipRange: string | null;
  }[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface VolumeSpec {
  readonly key: string;
  readonly external: string | null;
  readonly name: string | null;
  readonly driver: string | null;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** A config or a secret, by content (`base64`), or one that exists on the engine already (`external`). */
export interface FileSpec {
  readonly key: string;
  readonly kind: 'config' | 'secret';
  readonly external: string | null;
  readonly base64: string | null;
}
