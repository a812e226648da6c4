import { expect, test } from 'vitest';
import { loadTexts } from './in-memory.ts';
import type { ComposeService } from './model.ts';

/** The service `a` of two files that both have it. */
function merged(base: string, over: string): Partial<ComposeService> {
  const file = (lines: string): string => `services:\n  a:\n    image: x\n${lines.replace(/^/gm, '    ')}\n`;
  const texts = { 'compose.yaml': file(base), 'over.yaml': file(over) };
  const { project } = loadTexts(texts, { files: ['/shop/compose.yaml', '/shop/over.yaml'] });
  return project.services.a ?? {};
}

test.each<[string, string, Partial<ComposeService>]>([
  ['user: a', 'user: b', { user: 'b' }],
  ['user: a', 'user:', { user: 'a' }],
  ['environment: {A: 1, B: 2}', 'environment: [B=3, C=4]', { environment: { A: '1', B: '3', C: '4' } }],
  ['labels: [a=1]', 'labels: {a: }', { labels: { a: '' } }],
  ['command: a b', 'command: c', { command: ['c'] }],
  ['command: a b', 'command:', { command: null }],
  ['entrypoint: [a]', 'entrypoint: [b]', { entrypoint: ['b'] }],
  [
    'healthcheck: {test: [CMD, a], interval: 1s}',
    'healthcheck: {test: b}',
    { healthcheck: { test: ['CMD-SHELL', 'b'], interval: '1s' } },
  ],
  ['cap_add: [A, B]', 'cap_add: [B, C]', { cap_add: ['A', 'B', 'C'] }],
  ['dns: 1.1.1.1', 'dns: [2.2.2.2]', { dns: ['1.1.1.1', '2.2.2.2'] }],
  ['external_links: [a]', 'external_links: [b]', { external_links: ['a', 'b'] }],
  ['logging: {driver: a, options: {x: 1}}', 'logging: {driver: b}', { logging: { driver: 'b' } }],
  [
    'logging: {driver: a, options: {x: 1}}',
    'logging: {options: {y: 2}}',
    { logging: { driver: 'a', options: { x: '1', y: '2' } } },
  ],
  ['build: .', 'build: {args: {A: 1}}', { build: { context: '/shop', dockerfile: 'Dockerfile', args: { A: '1' } } }],
  ['ulimits: {n: 1}', 'ulimits: {n: {soft: 1, hard: 2}}', { ulimits: { n: { soft: 1, hard: 2 } } }],
  ['extra_hosts: {h: 10.0.0.1}', 'extra_hosts: ["h:10.0.0.2"]', { extra_hosts: ['h=10.0.0.1', 'h=10.0.0.2'] }],
  ['tmpfs: /a', 'tmpfs: [/a, /b]', { tmpfs: ['/a', '/b'] }],
])('%j under %j', (base, over, service) => {
  expect(merged(base, over)).toMatchObject(service);
});

test('ports are one when they publish the same', () => {
  const { ports } = merged('ports: ["80:80", "81:81"]', 'ports: ["80:80/tcp", {target: 81, published: 81}, "82:80"]');
  expect(ports?.map(({ published }) => published)).toEqual(['80', '81', '82']);
});

test('volumes are one when they share their target, the later winning', () => {
  const { volumes } = merged('volumes: ["./a:/d", "./b:/e"]', 'volumes: [{type: bind, source: ./c, target: /d}]');
  expect(volumes).toMatchObject([
    { source: '/shop/c', target: '/d' },
    { source: '/shop/b', target: '/e' },
  ]);
});

test('lists and maps of networks and dependencies are merged by name', () => {
  const base = 'services:\n  a: {image: x, networks: [n], depends_on: [b]}\n  b: {image: x}\nnetworks: {n: }\n';
  const over = 'services:\n  a: {networks: {n: {aliases: [z]}}, depends_on: {b: {condition: service_healthy}}}\n';
  const files = ['/shop/compose.yaml', '/shop/over.yaml'];
  const { a } = loadTexts({ 'compose.yaml': base, 'over.yaml': over }, { files }).project.services;
  expect(a?.networks).toEqual({ n: { aliases: ['z'] } });
  expect(a?.depends_on).toEqual({ b: { condition: 'service_healthy', required: true } });
});

test('!reset removes and !override replaces what earlier files say', () => {
  const service = merged(
    'ports: ["80:80"]\nuser: a\nenvironment: {A: 1}',
    'ports: !override ["81:81"]\nuser: !reset null\nenvironment: !reset {}',
  );
  expect(service.ports?.map(({ target }) => target)).toEqual([81]);
  expect(service.user).toBeUndefined();
  expect(service.environment).toBeUndefined();
});

test('the documents of one file are merged like files', () => {
  const text = 'services: {a: {image: x, user: a}}\n---\nservices: {a: {user: b}}\n';
  expect(loadTexts({ 'compose.yaml': text }).project.services.a).toMatchObject({ image: 'x', user: 'b' });
});

test('a map over a list is refused with the place of the later one', () => {
  expect(() => merged('cap_add: [A]', 'cap_add: {B: 1}')).toThrow(
    '/shop/over.yaml:4:5: services.a.cap_add: a map cannot be merged over the list',
  );
});

test('what is wrong in a file stays wrong though a later file replaces it', () => {
  expect(() => merged('user: "${X:?}"', 'user: b')).toThrow('required variable X');
  expect(() => merged('user: 1', 'user: b')).toThrow('/shop/compose.yaml:4:11: services.a.user');
});
