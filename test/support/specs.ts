import type { ServiceSpec, StackSpec } from '#domain/stack/spec.ts';
import { parseStackName } from '#domain/stack-name.ts';

/** A service with nothing said but its name and image; `overrides` say the rest. */
export function serviceSpec(name: string, overrides: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    name,
    artifact: { kind: 'image', reference: 'busybox:1.36', pinned: 'sha256:1', commit: null },
    entrypoint: null,
    command: null,
    environment: {},
    references: {},
    labels: {},
    deployLabels: {},
    mode: { kind: 'replicated', replicas: 1 },
    health: null,
    ports: [],
    expose: [],
    mounts: [],
    networks: [],
    files: [],
    dependsOn: [],
    restart: { condition: 'any', delayMs: null, maxAttempts: null, windowMs: null },
    rollout: { order: null, parallelism: 1, delayMs: 0, stabilityMs: 5000, deadlineMs: 60_000, failureBudget: 3 },
    resources: {
      limits: { cpus: null, memoryBytes: null, pids: null },
      reservations: { cpus: null, memoryBytes: null },
      shmBytes: null,
      ulimits: {},
    },
    placement: { constraints: [], spread: [], maxPerNode: null, platform: null },
    process: {
      user: null,
      groups: [],
      workingDirectory: null,
      hostname: null,
      stopSignal: null,
      stopGraceMs: null,
      init: null,
      tty: false,
      stdin: false,
      readOnly: false,
    },
    host: {
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
    },
    logging: null,
    checks: { test: null, info: null },
    local: null,
    ...overrides,
  };
}

export function stackSpec(services: readonly ServiceSpec[], overrides: Partial<StackSpec> = {}): StackSpec {
  return {
    name: parseStackName('shop-test'),
    project: 'shop',
    environment: 'test',
    services,
    networks: [],
    volumes: [],
    files: [],
    ...overrides,
  };
}
