import { posix } from 'node:path';
import type { BuildRequest } from '../../builds/build-request.ts';
import type { ComposeBuild, ComposeService } from '../../compose/model.ts';
import { SlipwayError } from '../../errors.ts';
import type { ServiceKeys } from '../../project/service-keys.ts';
import type { LocalSettings } from '../spec.ts';
import { bytes, sorted, sortedMap } from './numbers.ts';
import { fromRoot, insideRoot } from './paths.ts';

/** What a service's `build:` asks for, with paths relative to the checkout. `null`: it has none. */
export function buildOf(name: string, service: ComposeService, keys: ServiceKeys, root: string): BuildRequest | null {
  const { build } = service;
  return build === undefined ? null : requestOf(name, build, keys, root);
}

/** The local engine runs a folder of the checkout also for a service that has no `build:`. */
export const folderBuild = (name: string, keys: ServiceKeys, local: LocalSettings, root: string): BuildRequest =>
  requestOf(name, { context: `${root}/${local.directory}` }, keys, root);

function requestOf(service: string, build: ComposeBuild, keys: ServiceKeys, root: string): BuildRequest {
  return {
    service,
    context: contextOf(service, build.context ?? root, root),
    dockerfile: build.dockerfile ?? 'Dockerfile',
    dockerfileInline: build.dockerfile_inline ?? null,
    target: build.target ?? null,
    args: sortedMap(build.args),
    labels: sortedMap(build.labels),
    cacheFrom: sorted(build.cache_from),
    platform: build.platforms?.[0] ?? null,
    noCache: build.no_cache ?? false,
    pull: build.pull ?? false,
    extraHosts: sorted(build.extra_hosts),
    network: build.network ?? null,
    shmBytes: bytes(build.shm_size),
    contexts: sortedMap(
      Object.fromEntries(
        Object.entries(build.additional_contexts ?? {}).map(([key, value]) => [
          key,
          furtherContext(service, value, root),
        ]),
      ),
    ),
    watch: sorted(keys.watch),
    other: otherOf(build),
  };
}

/** A folder relative to the checkout, or a URL as it is. @throws SlipwayError `compose.outside_checkout` */
function contextOf(service: string, context: string, root: string): string {
  const inside = insideRoot(root, context);
  if (inside !== null || !posix.isAbsolute(context)) return inside ?? context;
  throw new SlipwayError(
    'compose.outside_checkout',
    `services.${service}.build: the context ${posix.relative(root, context)} is outside the checkout`,
    'build from a folder of the repository',
  );
}

const furtherContext = (service: string, context: string, root: string): string =>
  posix.isAbsolute(context) ? fromRoot(root, `${root}/${contextOf(service, context, root)}`) : context;

function otherOf({
  cache_to,
  entitlements,
  isolation,
  platforms,
  privileged,
  secrets,
  ssh,
  tags,
}: ComposeBuild): Readonly<Record<string, unknown>> {
  // the first platform has a field of its own
  const further = platforms?.slice(1);
  const rest = Object.entries({
    cache_to,
    entitlements,
    isolation,
    platforms: further,
    privileged,
    secrets,
    ssh,
    tags,
  });
  return Object.fromEntries(
    rest.filter(([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)),
  );
}
