import { isText, kindOf } from '../node.ts';
import { absolutePath } from '../paths.ts';
import { build } from './build-fields.ts';
import {
  command,
  entriesOf,
  hosts,
  keyed,
  labels,
  options,
  textOrTexts,
  texts,
  textsOrNumbers,
  uniqueTexts,
  variables,
} from './collection-fields.ts';
import { deploy, gpus } from './deploy-fields.ts';
import {
  type Field,
  type Fields,
  type JsonObject,
  list,
  mapOf,
  nonZero,
  nullable,
  object,
  scalarOf,
  shortOr,
} from './field.ts';
import { fileReference, serviceVolume } from './mount-fields.ts';
import { ports } from './port-fields.ts';
import { attachments, dependencies, devices, modelReferences } from './relation-fields.ts';
import {
  anyText,
  bytes,
  choice,
  decimal,
  duration,
  flag,
  flagKept,
  matching,
  strictFlag,
  text,
  whole,
  wholeBetween,
  wholeKept,
} from './scalar-fields.ts';
import { ulimits } from './ulimit-fields.ts';

const test: Field<readonly string[]> = (node, path, reading) => {
  if (node.kind !== 'list') {
    const found = anyText(node, path, reading);
    return found === undefined ? undefined : ['CMD-SHELL', found];
  }
  return texts(node, path, reading);
};

export const healthcheckFields: Fields = {
  disable: flag,
  interval: duration,
  retries: wholeKept,
  test,
  timeout: duration,
  start_period: duration,
  start_interval: duration,
};

export const hookFields: Fields = {
  command,
  user: text,
  privileged: flag,
  working_dir: text,
  environment: variables,
};
export const startHookFields: Fields = { ...hookFields, image: text, per_replica: flagKept };

/** With what docker compose prints also where it is not said. */
const withDefaults =
  (field: Field<JsonObject>, defaults: JsonObject): Field<JsonObject> =>
  (node, path, reading) => {
    const found = field(node, path, reading);
    return found === undefined ? undefined : { ...defaults, ...found };
  };
const watchPath: Field<string> = (node, path, reading) => {
  const found = text(node, path, reading);
  return found === undefined ? undefined : absolutePath(found, node.at.source);
};
export const watchFields: Fields = {
  path: watchPath,
  action: choice('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
  target: text,
  exec: withDefaults(object(hookFields), { command: null }),
  ignore: textOrTexts,
  include: textOrTexts,
  initial_sync: flag,
};

const noCommand = { command: null };
const startHook = withDefaults(object(startHookFields), noCommand);
const watch = withDefaults(object(watchFields, { required: ['path', 'action'] }), { exec: noCommand });

const blkioLimit: Field<JsonObject> = (node, path, reading) => {
  const found = object({ path: text, rate: bytes })(node, path, reading);
  return found === undefined
    ? undefined
    : { ...(found.path === undefined ? {} : { Path: found.path }), Rate: found.rate ?? '0' };
};
const blkioWeight: Field<JsonObject> = (node, path, reading) => {
  const found = object({ path: text, weight: wholeKept })(node, path, reading);
  return found === undefined
    ? undefined
    : { ...(found.path === undefined ? {} : { Path: found.path }), Weight: found.weight ?? 0 };
};
export const blkioFields: Fields = {
  device_read_bps: list(blkioLimit),
  device_read_iops: list(blkioLimit),
  device_write_bps: list(blkioLimit),
  device_write_iops: list(blkioLimit),
  weight: whole,
  weight_device: list(blkioWeight),
};

/** Files with variables; environment.ts reads them. Left out of the model, as docker compose does. */
const envFile: Field = (node, path, reading) => {
  const items = entriesOf(node);
  const item = object({ path: text, format: text, required: flagKept }, { required: ['path'] });
  items.forEach((entry, i) => {
    if (!isText(entry)) item(entry, `${path}[${i}]`, reading);
  });
  return items.length === 0 ? reading.error(node, path, `is ${kindOf(node)}, but must be text or a list`) : undefined;
};
const labelFile: Field = (node, path, reading) => {
  textOrTexts(node, path, reading);
  return undefined;
};

const anyScalar: Field<string> = (node, path, reading) =>
  scalarOf(node, path, reading, ['string', 'int', 'float', 'bool'], 'a value')?.text;
const providerOption: Field = (node, path, reading) =>
  node.kind === 'list'
    ? list(anyScalar)(node, path, reading)
    : node.kind === 'scalar'
      ? [node.text]
      : reading.error(node, path, 'must be a value or a list of them');

const storage: Field = (node, path, reading) => options(node, path, reading);
const extended: Field = (node, path, reading) => {
  shortOr(text, object({ service: text, file: text }, { required: ['service'] }))(node, path, reading);
  return undefined;
};
/** Not anchored, in the specification's schema either. */
const pullPolicy = /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/;

/** An empty name server, of a variable that is not set, is left out. */
const nameServers: Field<readonly string[]> = (node, path, reading) => {
  const found = textOrTexts(node, path, reading)?.filter((server) => server !== '');
  return found === undefined || found.length === 0 ? undefined : found;
};

/** Every key of a service. A test holds it against the specification's JSON schema. */
export const serviceFields: Fields = {
  annotations: keyed(''),
  attach: flagKept,
  blkio_config: object(blkioFields),
  build,
  cap_add: uniqueTexts,
  cap_drop: uniqueTexts,
  cgroup: choice('host', 'private'),
  cgroup_parent: text,
  command,
  configs: list(fileReference(undefined)),
  container_name: matching(/[a-zA-Z0-9][a-zA-Z0-9_.-]+/, 'a name of 2 characters or more'),
  cpu_count: nonZero(wholeBetween(0, Number.MAX_SAFE_INTEGER)),
  cpu_percent: decimal,
  cpu_period: whole,
  cpu_quota: whole,
  cpu_rt_period: whole,
  cpu_rt_runtime: whole,
  cpu_shares: whole,
  cpus: decimal,
  cpuset: text,
  credential_spec: object({ config: text, file: text, registry: text }),
  depends_on: dependencies,
  deploy: nullable(deploy),
  develop: nullable(object({ watch: list(watch) })),
  device_cgroup_rules: uniqueTexts,
  devices,
  dns: nameServers,
  dns_opt: uniqueTexts,
  dns_search: textOrTexts,
  domainname: text,
  entrypoint: command,
  env_file: envFile,
  environment: variables,
  expose: textsOrNumbers,
  extends: extended,
  external_links: uniqueTexts,
  extra_hosts: hosts,
  gpus,
  group_add: textsOrNumbers,
  healthcheck: object(healthcheckFields),
  hostname: text,
  image: text,
  init: flagKept,
  ipc: text,
  isolation: text,
  label_file: labelFile,
  labels,
  links: uniqueTexts,
  logging: object({ driver: text, options }),
  mac_address: text,
  mem_limit: bytes,
  mem_reservation: bytes,
  mem_swappiness: bytes,
  memswap_limit: bytes,
  models: modelReferences,
  // Also empty: it detaches from the default network all the same.
  network_mode: anyText,
  networks: attachments,
  oom_kill_disable: flag,
  oom_score_adj: nonZero(wholeBetween(-1000, 1000)),
  pid: nullable(text),
  pids_limit: whole,
  platform: text,
  ports,
  post_start: list(object(hookFields, { required: ['command'] })),
  pre_start: list(startHook),
  pre_stop: list(object(hookFields, { required: ['command'] })),
  privileged: flag,
  profiles: uniqueTexts,
  provider: object({ type: text, options: mapOf(providerOption) }, { required: ['type'] }),
  pull_policy: matching(pullPolicy, 'a pull policy: always, never, missing, build, daily, weekly or every_<duration>'),
  pull_refresh_after: text,
  read_only: flag,
  restart: text,
  runtime: text,
  scale: wholeKept,
  secrets: list(fileReference('/run/secrets')),
  security_opt: uniqueTexts,
  shm_size: bytes,
  stdin_open: flag,
  stop_grace_period: duration,
  stop_signal: text,
  storage_opt: storage,
  sysctls: keyed(''),
  tmpfs: textOrTexts,
  tty: flag,
  ulimits,
  use_api_socket: strictFlag,
  user: text,
  userns_mode: text,
  uts: text,
  volumes: list(serviceVolume),
  volumes_from: uniqueTexts,
  working_dir: text,
};

export const service: Field<JsonObject> = object(serviceFields, { catalogue: ['exclude_from_hc'] });
