import type { BuildRequest } from '#domain/builds/build-request.ts';
import type { Finding } from '#domain/plan/change.ts';
import type { LocalSettings, StackSpec } from '#domain/stack/spec.ts';

/** A build to be made, with the hash of its inputs. */
export interface KeyedBuild {
  readonly key: string;
  readonly kind: 'image' | 'checkout';
  readonly request: BuildRequest;
  /** Paths, relative to the checkout, that go into it. */
  readonly files: readonly string[];
  /** How the local engine runs it; part of a `checkout` build's key. */
  readonly local: Pick<LocalSettings, 'directory' | 'install'> | null;
}

export interface NotifyRule {
  readonly on: readonly string[];
  readonly to: string;
}

/** What a commit says about an environment, before anything is built: artifacts are still keys. */
export interface Draft {
  readonly spec: StackSpec;
  readonly builds: readonly KeyedBuild[];
  readonly findings: readonly Finding[];
  readonly notify: readonly NotifyRule[];
  /** `registry:` of the environment or the project; `null`: the cluster's own. */
  readonly registry: string | null;
}
