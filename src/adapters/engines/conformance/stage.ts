import { request } from 'node:http';
import { expect, type TestAPI, type TestContext } from 'vitest';
import type { Change, Thing } from '#domain/plan/change.ts';
import { versionedName } from '#domain/stack/files.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { FileSpec, ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { parseStackName, type StackName } from '#domain/stack-name.ts';
import type { Capability, Engine, LogLine, LogQuery, Observed } from '../contract.ts';

/** What an engine brings along so that the conformance suite can run against it. */
export interface Harness {
  readonly engine: Engine;
  /** The key under which the engine names versions of configs and secrets. */
  readonly versionKey: Uint8Array;
  /** How long an instance may take to be there, healthy or gone, in ms. A test gets six times as long. */
  readonly patienceMs: number;
  /**
   * Makes a service runnable here: artifact and command for `conformance/program.mjs` (which listens on 8080, or on
   * PORT), and a health check (on /healthz, or for the file that it is told to make) where `service.health` is not null. `missing`: an artifact that is not there.
   * Instances have `node` on their path. Environment and everything else that the suite set stays.
   */
  fit(service: ServiceSpec, artifact: 'program' | 'missing'): ServiceSpec;
  /** The service, changed so that this engine cannot run it at all. */
  impossible(service: ServiceSpec): ServiceSpec;
  /** Changes a running service behind Slipway's back, with the engine's own means. */
  meddle(stack: StackName, service: string): Promise<void>;
  /** Makes something of the engine's that is not Slipway's, as like `stack`'s things as can be, and tells later if it is still as it was. */
  stranger(stack: StackName): Promise<() => Promise<boolean>>;
  dispose(): Promise<void>;
}

export const containerPort = 8080;

/** A service with nothing special: one replica, health check twice a second, restarts at once. */
export function plainService(name: string, change: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    artifact: { kind: 'none' },
    entrypoint: null,
    command: null,
    environment: {},
    references: {},
    labels: {},
    deployLabels: {},
    mode: { kind: 'replicated', replicas: 1 },
    health: { test: [], intervalMs: 500, timeoutMs: 10_000, startPeriodMs: 2000, startIntervalMs: null, retries: 2 },
    ports: [],
    expose: [containerPort],
    mounts: [],
    networks: [{ network: 'default', aliases: [], driverOptions: {} }],
    files: [],
    dependsOn: [],
    restart: { condition: 'any', delayMs: 200, maxAttempts: null, windowMs: null },
    rollout: { order: null, parallelism: 0, delayMs: 0, stabilityMs: 0, deadlineMs: 60_000, failureBudget: 3 },
    resources: {
      limits: { cpus: null, memoryBytes: null, pids: null },
      reservations: { cpus: null, memoryBytes: null },
      shmBytes: null,
      ulimits: {},
    },
    placement: { constraints: [], spread: [], maxPerNode: null, platform: null },
    process: plainProcess,
    host: plainHost,
    logging: null,
    checks: { test: null, info: null },
    local: null,
    ...change,
  };
}

const plainProcess: ServiceSpec['process'] = {
  user: null,
  groups: [],
  workingDirectory: null,
  hostname: null,
  stopSignal: null,
  stopGraceMs: 3000,
  init: null,
  tty: false,
  stdin: false,
  readOnly: false,
};

const plainHost: ServiceSpec['host'] = {
  privileged: false,
  capAdd: [],
  capDrop: [],
  securityOptions: [],
  sysctls: {},
  devices: [],
  networkMode: null,
  pidMode: null,
  ipcMode: null,
  extraHosts: [],
  dns: { servers: [], search: [], options: [] },
  endpointMode: null,
  other: {},
};

const defaultNetwork: StackSpec['networks'][number] = {
  key: 'default',
  external: null,
  name: null,
  driver: null,
  driverOptions: {},
  attachable: false,
  internal: false,
  ipv6: null,
  subnets: [],
  labels: {},
};

export const plainVolume = (key: string): StackSpec['volumes'][number] => ({
  key,
  external: null,
  name: null,
  driver: null,
  driverOptions: {},
  labels: {},
});

export const fileOf = (kind: 'config' | 'secret', key: string, text: string): FileSpec => ({
  key,
  kind,
  external: null,
  base64: Buffer.from(text).toString('base64'),
});

/** One stack on one engine, with the words that the suite's cases are written in. */
export class Stage {
  readonly name: StackName;
  readonly harness: Harness;
  readonly signal: AbortSignal = AbortSignal.timeout(600_000);

  constructor(harness: Harness) {
    this.harness = harness;
    this.name = parseStackName(`conf-${Math.random().toString(36).slice(2, 10)}`);
  }

  get engine(): Engine {
    return this.harness.engine;
  }

  /** A service that runs `program.mjs` on this engine. */
  service(name: string, change: Partial<ServiceSpec> = {}): ServiceSpec {
    return this.harness.fit(plainService(name, change), 'program');
  }

  spec(services: readonly ServiceSpec[], more: Partial<StackSpec> = {}): StackSpec {
    return {
      name: this.name,
      project: 'conformance',
      environment: 'test',
      services,
      networks: [defaultNetwork],
      volumes: [],
      files: [],
      ...more,
    };
  }

  versioned(file: FileSpec): string {
    return versionedName(file, this.harness.versionKey);
  }

  /** Applies one change and gives back what the engine reads. */
  apply(desired: StackSpec, action: Change['action'], thing: Thing, signal: AbortSignal = this.signal) {
    return this.engine.apply(desired, { ...thing, action, why: 'the suite asks for it', fields: [] }, signal);
  }

  applyService(desired: StackSpec, action: Change['action'], name: string) {
    return this.apply(desired, action, { kind: 'service', name });
  }

  /** Networks, volumes and files first, then every service, one after another. */
  async create(desired: StackSpec): Promise<void> {
    for (const thing of thingsBelow(desired, this.harness.versionKey)) await this.apply(desired, 'create', thing);
    for (const service of desired.services) await this.applyService(desired, 'create', service.name);
  }

  observe(): Promise<Observed> {
    return this.engine.observe(this.name, this.signal);
  }

  async native(service: string): Promise<unknown> {
    const { things } = await this.observe();
    return things.find((thing) => thing.kind === 'service' && thing.name === service)?.native;
  }

  /** Waits until the service has so many instances that are current, run and are not unwell, and no other that runs. */
  async settled(service: string, count: number): Promise<readonly Instance[]> {
    return this.until(`${count} good instances of ${service}`, async () => {
      const all = (await this.observe()).instances.filter((one) => one.service === service && isAlive(one));
      const good = all.filter((one) => one.current && isWell(one));
      return { done: good.length === count && all.length === count, value: good, seen: all };
    });
  }

  /** Waits until some instance of the service is as the condition says. */
  async some(service: string, what: string, is: (instance: Instance) => boolean): Promise<Instance> {
    return this.until(`${service}: ${what}`, async () => {
      const all = (await this.observe()).instances.filter((one) => one.service === service);
      const found = all.find(is);
      return { done: found !== undefined, value: found, seen: all };
    });
  }

  async until<T>(
    what: string,
    probe: () => Promise<{ done: boolean; value: T | undefined; seen: unknown }>,
  ): Promise<T> {
    const deadline = Date.now() + this.harness.patienceMs;
    for (;;) {
      const { done, value, seen } = await probe();
      if (done && value !== undefined) return value;
      if (Date.now() > deadline)
        expect.fail(`waited ${this.harness.patienceMs} ms for ${what}; last seen: ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** GET over the engine's own connection to this instance. */
  async get(instance: Instance, path: string, port: number | null = null): Promise<{ status: number; body: string }> {
    const socket = await this.engine.connect(this.name, instance, port, this.signal);
    return new Promise((resolve, reject) => {
      const outgoing = request({ path, createConnection: () => socket, headers: { host: 'service' } }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      outgoing.on('error', reject).end();
    });
  }

  async logs(query: LogQuery): Promise<readonly LogLine[]> {
    const lines: LogLine[] = [];
    for await (const line of this.engine.logs(this.name, query, this.signal)) lines.push(line);
    return lines;
  }

  /** Takes all of it away again. */
  strike(): Promise<void> {
    return this.engine.remove(this.name, { volumes: true }, this.signal);
  }
}

/** A case of the suite: it gets a stage of its own, which is struck after it. */
export type StageTest = TestAPI<{ stage: Stage }>;

/** Everything but services, in the order in which it has to be there. */
function thingsBelow(spec: StackSpec, versionKey: Uint8Array): readonly Thing[] {
  return [
    ...spec.networks.map((one) => ({ kind: 'network' as const, name: one.key })),
    ...spec.volumes.map((one) => ({ kind: 'volume' as const, name: one.key })),
    ...spec.files.map((one) => ({ kind: one.kind, name: versionedName(one, versionKey) })),
  ];
}

export const isAlive = (one: Instance): boolean =>
  one.state === 'pending' || one.state === 'starting' || one.state === 'running' || one.state === 'stopping';

export const isWell = (one: Instance): boolean =>
  one.state === 'running' && (one.health === 'healthy' || one.health === 'unchecked');

export const ids = (instances: readonly Instance[]): readonly string[] => instances.map((one) => one.id).sort();

/** Skips the case, saying why, on an engine that does not claim to be able to do this. */
export function needs(skip: TestContext['skip'], stage: Stage, capability: Capability): void {
  if (!stage.engine.can.has(capability)) skip(`the ${stage.engine.kind} engine lacks '${capability}'`);
}

export const replicas = (count: number): ServiceSpec['mode'] => ({ kind: 'replicated', replicas: count });
