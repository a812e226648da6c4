import { expect, test } from 'vitest';
import { loadTexts } from './in-memory.ts';

test('a service takes over everything of the one that it extends, itself winning', () => {
  const text = `services:
  base: {image: x, user: a, environment: {A: 1, B: 2}, ports: ["80:80"], profiles: [off]}
  web: {extends: base, user: b, environment: {B: 3}, profiles: !reset []}
`;
  const { web } = loadTexts({ 'compose.yaml': text }).project.services;
  expect(web).toMatchObject({ image: 'x', user: 'b', environment: { A: '1', B: '3' }, ports: [{ target: 80 }] });
});

test('paths of another file start at that file, through a chain of them', () => {
  const { project } = loadTexts({
    'compose.yaml': 'services: {web: {extends: {file: one/a.yaml, service: mid}}}\n',
    'one/a.yaml': 'services: {mid: {extends: {file: two/b.yaml, service: base}, volumes: ["./m:/m"]}}\n',
    'one/two/b.yaml': 'services: {base: {build: ., env_file: b.env}}\n',
    'one/two/b.env': 'A=1\n',
  });
  expect(project.services.web).toMatchObject({
    build: { context: '/shop/one/two' },
    volumes: [{ source: '/shop/one/m' }],
    environment: { A: '1' },
  });
});

test.each([
  ['services: {a: {extends: b}}\n', "there is no service 'b'"],
  ['services: {a: {extends: b}, b: {extends: a}}\n', 'extend each other in a circle'],
  ['services: {a: {extends: {}}}\n', "the key 'service' is missing"],
  ['services: {a: {extends: {file: no.yaml, service: a}}}\n', 'there is no file /shop/no.yaml'],
  ['services: {a: {extends: {file: e.yaml, service: a}}}\n', '/shop/e.yaml has no services'],
])('%j is refused', (text, message) => {
  expect(() => loadTexts({ 'compose.yaml': text, 'e.yaml': 'networks: {}\n' })).toThrow(message);
});
