import { serviceLimits } from './consistency-limits.ts';
import { nearest } from './diagnostics.ts';
import type { Reading } from './fields/field.ts';
import type { ComposeProject, ComposeService } from './model.ts';
import { child, type MapNode, type Node } from './node.ts';

/** What a check needs: the model, the tree it came from, and where to say what is wrong. */
export interface Checking {
  readonly project: ComposeProject;
  readonly tree: MapNode;
  readonly reading: Reading;
  /** Services that no active profile names. */
  readonly off: ReadonlySet<string>;
}

/** The node that is nearest to a path of keys. */
export function nodeAt(tree: Node, ...keys: readonly string[]): Node {
  let node = tree;
  for (const key of keys) node = child(node, key) ?? node;
  return node;
}

/** Checks what holds between the parts of a model; errors go to `reading`. Source: compose-go's consistency check. */
export function checkConsistency(checking: Checking): void {
  for (const [name, service] of Object.entries(checking.project.services)) {
    const error = (field: string, message: string, hint?: string): void => {
      checking.reading.keyError(nodeAt(checking.tree, 'services', name, field), `services.${name}`, message, hint);
    };
    checkImage(service, error);
    checkNetworks(service, checking, error);
    checkDependencies(service, checking, error);
    checkContents(service, checking, error);
    checkMounts(service, checking, error);
    checkModels(service, checking, error);
    for (const [field, message] of serviceLimits(service)) error(field, message);
  }
  checkContainerNames(checking);
  checkCycles(checking);
}

type OnError = (field: string, message: string, hint?: string) => void;

function checkImage(service: ComposeService, error: OnError): void {
  const { build } = service;
  if (build === undefined && service.image === undefined && service.provider === undefined) {
    error('image', 'has neither an image nor a build');
  }
  if (build?.dockerfile !== undefined && build.dockerfile_inline !== undefined) {
    error('build', "'dockerfile' and 'dockerfile_inline' exclude each other");
  }
  const platforms = build?.platforms ?? [];
  if (platforms.length > 0 && service.platform !== undefined && !platforms.includes(service.platform)) {
    error('platform', `'build.platforms' lacks the service's platform ${service.platform}`);
  }
}

function checkNetworks(service: ComposeService, { project }: Checking, error: OnError): void {
  const attached = Object.keys(service.networks ?? {});
  if (service.network_mode !== undefined && attached.length > 0) {
    error('network_mode', "'network_mode' and 'networks' exclude each other");
  }
  for (const network of attached) {
    if (!Object.hasOwn(project.networks ?? {}, network))
      error('networks', ...unknown('network', network, project.networks));
  }
}

/** `the network 'x' is not declared`, and the nearest that is. */
function unknown(kind: string, name: string, declared: object | undefined): [string, string | undefined] {
  const near = nearest(name, Object.keys(declared ?? {}));
  const hint = near === undefined ? `declare it under '${kind}s'` : `did you mean '${near}'?`;
  return [`the ${kind} '${name}' is not declared`, hint];
}

function checkDependencies(service: ComposeService, { project, off }: Checking, error: OnError): void {
  for (const [name, { required }] of Object.entries(service.depends_on ?? {})) {
    if (Object.hasOwn(project.services, name)) continue;
    if (!off.has(name)) error('depends_on', ...unknownService(name, project));
    else if (required)
      error(
        'depends_on',
        `depends on '${name}', whose profiles are off`,
        "write 'required: false' if it can do without",
      );
  }
}

function unknownService(name: string, project: ComposeProject): [string, string | undefined] {
  const near = nearest(name, Object.keys(project.services));
  return [`depends on '${name}', which is no service`, near === undefined ? undefined : `did you mean '${near}'?`];
}

function checkContents(service: ComposeService, { project }: Checking, error: OnError): void {
  const references = [
    ['configs', 'config', service.configs, project.configs],
    ['secrets', 'secret', service.secrets, project.secrets],
    ['build', 'secret', service.build?.secrets, project.secrets],
  ] as const;
  for (const [field, kind, used, declared] of references) {
    for (const { source = '' } of used ?? []) {
      if (!Object.hasOwn(declared ?? {}, source)) error(field, ...unknown(kind, source, declared));
    }
  }
}

function checkMounts(service: ComposeService, { project }: Checking, error: OnError): void {
  for (const { type, source } of service.volumes ?? []) {
    if (type !== 'volume' || source === undefined || Object.hasOwn(project.volumes ?? {}, source)) continue;
    error('volumes', ...unknown('volume', source, project.volumes));
  }
}

function checkModels(service: ComposeService, { project }: Checking, error: OnError): void {
  for (const model of Object.keys(service.models ?? {})) {
    if (!Object.hasOwn(project.models ?? {}, model)) error('models', ...unknown('model', model, project.models));
  }
}

function checkContainerNames({ project, tree, reading }: Checking): void {
  const owners = new Map<string, string>();
  for (const [name, { container_name: container }] of Object.entries(project.services)) {
    if (container === undefined) continue;
    const owner = owners.get(container);
    const node = nodeAt(tree, 'services', name, 'container_name');
    if (owner !== undefined)
      reading.error(node, `services.${name}`, `the container name '${container}' is that of service '${owner}'`);
    owners.set(container, name);
  }
}

/** Finds services that wait for each other, in time linear in the number of dependencies. */
function checkCycles({ project, tree, reading }: Checking): void {
  const state = new Map<string, 'open' | 'done'>();
  for (const start of Object.keys(project.services)) {
    const path: { readonly name: string; readonly rest: string[] }[] = [];
    const enter = (name: string): void => {
      if (state.has(name) || !Object.hasOwn(project.services, name)) return;
      state.set(name, 'open');
      path.push({ name, rest: Object.keys(project.services[name]?.depends_on ?? {}) });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        state.set(top.name, 'done');
        path.pop();
      } else if (state.get(next) === 'open') {
        const names = path.map(({ name }) => name);
        const circle = [...names.slice(names.indexOf(next)), next].join(' -> ');
        const node = nodeAt(tree, 'services', top.name, 'depends_on');
        reading.keyError(node, `services.${top.name}.depends_on`, `services wait for each other: ${circle}`);
      } else enter(next);
    }
  }
}
