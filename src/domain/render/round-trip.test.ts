import { expect, test } from 'vitest';
import { loadTexts } from '../compose/in-memory.ts';
import { parseProject } from '../project/parse.ts';
import { stackFromCompose } from '../stack/from-compose/from-compose.ts';
import type { ServiceSpec, StackSpec } from '../stack/spec.ts';
import { renderStackYaml } from './stack-yaml.ts';

const all = `
services:
  web:
    image: nginx:1.25@sha256:${'a'.repeat(64)}
    entrypoint: ["/bin/sh", "-c"]
    command: ["echo $$HOME; exec nginx -g 'daemon off;'"]
    environment: { A: "1", PRICE: "$$5", EMPTY: "" }
    labels: { one: "1" }
    user: "101:101"
    working_dir: /srv
    hostname: web-1
    stop_signal: SIGQUIT
    stop_grace_period: 1m30s
    init: true
    tty: true
    stdin_open: true
    read_only: true
    cap_add: [NET_ADMIN]
    cap_drop: [ALL]
    sysctls: { net.core.somaxconn: "1024" }
    extra_hosts: ["old.example:10.0.0.9"]
    dns: [1.1.1.1]
    dns_search: [corp.example]
    ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 64 }
    logging: { driver: json-file, options: { max-size: 1m } }
    healthcheck: { test: [CMD, wget, -q, localhost], interval: 7s, timeout: 2s, retries: 4, start_period: 9s }
    ports:
      - { target: 80, published: "8080", mode: host }
      - { target: 53, published: "53", protocol: udp, mode: host }
    volumes:
      - data:/var/lib/data:ro
      - { type: volume, source: fresh, target: /fresh, volume: { nocopy: true } }
      - { type: bind, source: /srv/media, target: /media, read_only: true, bind: { propagation: rslave } }
      - { type: tmpfs, target: /tmp, tmpfs: { size: 64m } }
    networks: { front: { aliases: [www] }, back: {} }
    configs: [{ source: conf, target: /etc/app.conf, uid: "5", gid: "6", mode: 0440 }]
    deploy:
      mode: replicated
      replicas: 3
      endpoint_mode: dnsrr
      labels: { two: "2" }
      placement:
        constraints: [node.role == worker]
        preferences: [{ spread: node.labels.zone }]
        max_replicas_per_node: 2
      resources:
        limits: { cpus: "0.5", memory: 256m, pids: 99 }
        reservations: { cpus: "0.25", memory: 64m }
      restart_policy: { condition: on-failure, delay: 3s, max_attempts: 5, window: 60s }
      update_config: { order: stop-first, parallelism: 2, delay: 4s, monitor: 12s }
  agent:
    image: agent:1@sha256:${'b'.repeat(64)}
    deploy: { mode: global }
  migrate:
    image: migrate:1@sha256:${'c'.repeat(64)}
    restart: "no"
    deploy: { mode: replicated-job, replicas: 1 }
volumes: { data: {}, fresh: {} }
networks: { front: {}, back: { internal: true } }
configs: { conf: { content: "a=1" } }
`;

const project = parseProject(undefined, 'slipway.yaml', 'shop');
const [environment = expect.fail('no environment')] = project.environments;

function specOf(text: string, files: Readonly<Record<string, string>> = {}): StackSpec {
  const loaded = loadTexts({ 'compose.yaml': text, ...files }, { environment: {}, strict: true });
  const around = { environment, commit: 'c'.repeat(40), root: '/shop', artifacts: 'image' } as const;
  const read = (path: string) => Buffer.from(files[path.replace('/shop/', '')] ?? '');
  return stackFromCompose({ project, loaded, ...around, read }).spec;
}

/** A swarm has no order of starts. Which image it is the text says, not where it came from. */
const comparable = ({ services, networks, volumes, files }: StackSpec) => ({
  networks,
  volumes,
  files,
  services: services.map(({ artifact, dependsOn, ...rest }: ServiceSpec) => ({
    ...rest,
    image: artifact.kind === 'image' ? (artifact.pinned ?? artifact.reference) : artifact.kind,
  })),
});

test('what is written for a swarm says all that was said: it is loaded again to the same', () => {
  const spec = specOf(all);
  const { text, files } = renderStackYaml(spec, new Map());
  const written = files.map(({ path, base64 }) => [path, Buffer.from(base64, 'base64').toString()] as const);
  expect(comparable(specOf(text, Object.fromEntries(written)))).toEqual(comparable(spec));
});
