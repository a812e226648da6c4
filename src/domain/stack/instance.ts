/** One running copy of a service (Swarm: task, Kubernetes: pod, local: process), as an engine sees it now. */
export interface Instance {
  readonly id: string;
  readonly service: string;
  /** 1, 2, 3 …; on a global service the node's name. */
  readonly slot: string;
  readonly node: string | null;
  readonly state: 'pending' | 'starting' | 'running' | 'stopping' | 'completed' | 'failed';
  /** `unchecked`: it has no health check. */
  readonly health: 'unchecked' | 'starting' | 'healthy' | 'unhealthy';
  /** It was made from the service's present specification, and the engine wants it to run. */
  readonly current: boolean;
  /** Image digest or ID, or the checkout's key: what it really runs. `null` while nobody knows. */
  readonly artifact: string | null;
  /** The engine's own words for why it is not running. */
  readonly message: string | null;
  readonly exitCode: number | null;
  /** When it came into this state, ms since the epoch. */
  readonly since: number;
  /** Failed starts of this slot with the present specification, oldest first, as far back as the engine remembers. */
  readonly failures: readonly { readonly at: number; readonly message: string }[];
  /** Where it can be reached by people, e.g. `127.0.0.1:8080`: published ports only. */
  readonly published: readonly string[];
}
