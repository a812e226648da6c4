import { stringify } from 'yaml';
import type { NetworkSpec, StackSpec, VolumeSpec } from '../stack/spec.ts';
import { portable } from './portable.ts';
import { said } from './said.ts';
import { renderService } from './stack-service.ts';

/** A stack as plain files, for `docker stack deploy -c stack.yml <name>`. */
export interface RenderedStack {
  readonly text: string;
  /** The contents of its configs, beside it. */
  readonly files: readonly { readonly path: string; readonly base64: string }[];
  /** What must be there before: secrets and configs on the swarm, variables in the shell. */
  readonly needs: {
    readonly secrets: readonly string[];
    readonly configs: readonly string[];
    readonly variables: readonly string[];
  };
}

/**
 * Writes a specification as a Compose file of version 3, so that nobody is locked in. No secret is in it: the contents of
 * secrets are left to the swarm (`external`), and where a secret variable's value stands in a text, `${NAME}` takes its
 * place. `secrets`: name → value. @throws SlipwayError `plan.refused` for a service without an image. Source: requirement 15.3.
 */
export function renderStackYaml(spec: StackSpec, secrets: ReadonlyMap<string, string>): RenderedStack {
  const write = portable(secrets);
  const isOpen = (base64: string) => write.isFree(Buffer.from(base64, 'base64').toString('utf8'));
  const configs = spec.files.filter((file) => file.kind === 'config');
  const written = configs.flatMap(({ key, base64, external }) =>
    external === null && base64 !== null && isOpen(base64) ? [{ key, path: `configs/${key}`, base64 }] : [],
  );
  const nameOf = (file: StackSpec['files'][number]) => file.external ?? `${spec.name}_${file.key}`;
  const fileEntry = (file: StackSpec['files'][number]) => {
    const here = file.kind === 'config' ? written.find((one) => one.key === file.key) : undefined;
    return here ? { file: `./${here.path}` } : { external: true, name: nameOf(file) };
  };
  const entries = (kind: 'config' | 'secret') =>
    Object.fromEntries(spec.files.filter((file) => file.kind === kind).map((file) => [file.key, fileEntry(file)]));
  const model = said({
    version: '3.9',
    services: Object.fromEntries(spec.services.map((service) => [service.name, renderService(service, spec)])),
    networks: Object.fromEntries(spec.networks.map((network) => [network.key, networkEntry(network)])),
    volumes: Object.fromEntries(spec.volumes.map((volume) => [volume.key, volumeEntry(volume)])),
    configs: entries('config'),
    secrets: entries('secret'),
  });
  const isWritten = (key: string) => written.some((one) => one.key === key);
  // by the rules of YAML 1.1, in which `on` and `1:30` need quotes: Docker's reader goes by some of them
  const text = stringify(write.value(model), { lineWidth: 0, version: '1.1' });
  const needs = {
    secrets: spec.files.filter((file) => file.kind === 'secret').map(nameOf),
    configs: configs.filter((file) => !isWritten(file.key)).map(nameOf),
    variables: write.used(),
  };
  return { text: heading(spec, needs) + text, files: written.map(({ path, base64 }) => ({ path, base64 })), needs };
}

function heading({ name }: StackSpec, needs: RenderedStack['needs']): string {
  const need = (what: string, names: readonly string[]) => (names.length === 0 ? [] : [`${what}: ${names.join(', ')}`]);
  const lines = [
    `docker stack deploy -c stack.yml ${name}`,
    ...need('needs these secrets on the swarm', needs.secrets),
    ...need('needs these configs on the swarm', needs.configs),
    ...need('needs these variables in the shell', needs.variables),
  ];
  return lines.map((line) => `# ${line}\n`).join('');
}

const networkEntry = (network: NetworkSpec) =>
  network.external === null
    ? said({
        name: network.name,
        // a bridge exists on one node only: between nodes its job is an overlay's
        driver: network.driver === 'bridge' ? 'overlay' : network.driver,
        driver_opts: network.driver === 'bridge' ? {} : network.driverOptions,
        attachable: network.attachable,
        internal: network.internal,
        // Compose files of version 3 know the subnet alone
        ipam: said({ config: network.subnets.flatMap(({ subnet }) => (subnet === null ? [] : [{ subnet }])) }),
        labels: network.labels,
      })
    : { external: true, name: network.external };

const volumeEntry = (volume: VolumeSpec) =>
  volume.external === null
    ? said({ name: volume.name, driver: volume.driver, driver_opts: volume.driverOptions, labels: volume.labels })
    : { external: true, name: volume.external };
