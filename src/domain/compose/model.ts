/** The loaded project, in the shape that `docker compose config --format json` prints. Absent is Go's zero value. */
export interface ComposeProject {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork>>;
  readonly volumes?: Readonly<Record<string, ComposeVolume>>;
  readonly secrets?: Readonly<Record<string, ComposeContent>>;
  readonly configs?: Readonly<Record<string, ComposeContent>>;
  readonly models?: Readonly<Record<string, ComposeModel>>;
  /** `x-` keys of the top level, as written. */
  readonly [extension: `x-${string}`]: unknown;
}

type Texts = readonly string[];
type Variables = Readonly<Record<string, string>>;

export interface ComposeService {
  readonly annotations?: Variables;
  readonly attach?: boolean;
  readonly blkio_config?: Readonly<Record<string, unknown>>;
  readonly build?: ComposeBuild;
  readonly cap_add?: Texts;
  readonly cap_drop?: Texts;
  readonly cgroup?: string;
  readonly cgroup_parent?: string;
  /** null: the image's own; `[]`: none. */
  readonly command: Texts | null;
  readonly configs?: readonly ComposeFileReference[];
  readonly container_name?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpu_shares?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string };
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly deploy?: ComposeDeploy;
  readonly develop?: Readonly<Record<string, unknown>>;
  readonly device_cgroup_rules?: Texts;
  readonly devices?: readonly { readonly source: string; readonly target: string; readonly permissions: string }[];
  readonly dns?: Texts;
  readonly dns_opt?: Texts;
  readonly dns_search?: Texts;
  readonly domainname?: string;
  /** null: the image's own; `[]`: none. */
  readonly entrypoint: Texts | null;
  /** null: no value, neither here nor outside. */
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly expose?: Texts;
  readonly external_links?: Texts;
  /** `host=address` */
  readonly extra_hosts?: Texts;
  readonly gpus?: readonly ComposeDeviceRequest[];
  readonly group_add?: Texts;
  readonly healthcheck?: ComposeHealthcheck;
  readonly hostname?: string;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly labels?: Variables;
  readonly links?: Texts;
  readonly logging?: { readonly driver?: string; readonly options?: Variables };
  readonly mac_address?: string;
  /** Bytes, as text, here and in the other sizes. */
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  readonly mem_swappiness?: string;
  readonly memswap_limit?: string;
  readonly models?: Readonly<Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>>;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, ComposeAttachment | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly ComposePort[];
  readonly post_start?: readonly ComposeHook[];
  readonly pre_start?: readonly ComposeHook[];
  readonly pre_stop?: readonly ComposeHook[];
  readonly privileged?: boolean;
  readonly profiles?: Texts;
  readonly provider?: { readonly type?: string; readonly options?: Readonly<Record<string, Texts>> };
  readonly pull_policy?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly ComposeFileReference[];
  readonly security_opt?: Texts;
  readonly shm_size?: string;
  readonly stdin_open?: boolean;
  /** A duration as Go prints it, here and in the others: `1m30s`. */
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: Variables;
  readonly sysctls?: Variables;
  readonly tmpfs?: Texts;
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, number | { readonly soft: number; readonly hard: number }>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly ComposeMount[];
  readonly volumes_from?: Texts;
  readonly working_dir?: string;
}

export interface ComposeBuild {
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly args?: Variables;
  readonly labels?: Variables;
  readonly target?: string;
  readonly network?: string;
  readonly additional_contexts?: Variables;
  readonly cache_from?: Texts;
  readonly cache_to?: Texts;
  readonly no_cache?: boolean;
  readonly pull?: boolean;
  readonly privileged?: boolean;
  readonly platforms?: Texts;
  readonly secrets?: readonly ComposeFileReference[];
  readonly ssh?: Texts;
  readonly tags?: Texts;
  readonly extra_hosts?: Texts;
  readonly shm_size?: string;
  readonly isolation?: string;
  readonly entitlements?: Texts;
}

export interface ComposeDependency {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly required: boolean;
  readonly restart?: boolean;
}

export interface ComposeHealthcheck {
  readonly test?: Texts;
  readonly disable?: boolean;
  readonly interval?: string;
  readonly timeout?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
}

export interface ComposePort {
  readonly name?: string;
  readonly mode: string;
  readonly host_ip?: string;
  readonly target: number;
  /** A port or a range; absent: the engine chooses. */
  readonly published?: string;
  readonly protocol: string;
  readonly app_protocol?: string;
}

export interface ComposeMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'cluster' | 'npipe' | 'image';
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: {
    readonly create_host_path?: boolean;
    readonly propagation?: string;
    readonly selinux?: string;
    readonly recursive?: string;
  };
  readonly volume?: { readonly nocopy?: boolean; readonly subpath?: string; readonly labels?: Variables };
  readonly tmpfs?: { readonly size?: string; readonly mode?: string };
  readonly image?: { readonly subpath?: string };
}

export interface ComposeFileReference {
  readonly source?: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** Octal. */
  readonly mode?: string;
}

export interface ComposeAttachment {
  readonly aliases?: Texts;
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: Texts;
  readonly mac_address?: string;
  readonly driver_opts?: Variables;
  readonly priority?: number;
  readonly gw_priority?: number;
}

export interface ComposeDeviceRequest {
  readonly capabilities?: Texts;
  /** -1: all. */
  readonly count?: number;
  readonly device_ids?: Texts;
  readonly driver?: string;
  readonly options?: Variables;
}

interface UpdateConfig {
  readonly parallelism?: number;
  readonly delay?: string;
  readonly failure_action?: string;
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}

export interface ComposeDeploy {
  readonly mode?: string;
  readonly endpoint_mode?: string;
  readonly replicas?: number;
  readonly labels?: Variables;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources?: {
    readonly limits?: { readonly cpus?: number; readonly memory?: string; readonly pids?: number };
    readonly reservations?: {
      readonly cpus?: number;
      readonly memory?: string;
      readonly devices?: readonly ComposeDeviceRequest[];
      readonly generic_resources?: readonly {
        readonly discrete_resource_spec?: { readonly kind?: string; readonly value?: number };
      }[];
    };
  };
  readonly restart_policy?: {
    readonly condition?: string;
    readonly delay?: string;
    readonly max_attempts?: number;
    readonly window?: string;
  };
  readonly placement?: {
    readonly constraints?: Texts;
    readonly preferences?: readonly { readonly spread?: string }[];
    readonly max_replicas_per_node?: number;
  };
}

export interface ComposeHook {
  readonly command: Texts | null;
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly image?: string;
  readonly per_replica?: boolean;
}

export interface ComposeNetwork {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Variables;
  readonly ipam?: {
    readonly driver?: string;
    readonly config?: readonly {
      readonly subnet?: string;
      readonly ip_range?: string;
      readonly gateway?: string;
      readonly aux_addresses?: Variables;
    }[];
    readonly options?: Variables;
  };
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
  readonly labels?: Variables;
}

export interface ComposeVolume {
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Variables;
  readonly external?: boolean;
  readonly labels?: Variables;
}

/** A config or a secret. */
export interface ComposeContent {
  readonly name: string;
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Variables;
  readonly driver?: string;
  readonly driver_opts?: Variables;
  readonly template_driver?: string;
}

export interface ComposeModel {
  readonly name?: string;
  readonly model?: string;
  readonly context_size?: number;
  readonly runtime_flags?: Texts;
}
