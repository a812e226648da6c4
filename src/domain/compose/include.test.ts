import { expect, test } from 'vitest';
import { loadTexts } from './in-memory.ts';

test('an included file has a directory and variables of its own, and what surrounds it wins', () => {
  const { project } = loadTexts({
    'compose.yaml': 'include: [db/compose.yaml]\nservices: {web: {image: "web:${V}", depends_on: [db]}}\n',
    '.env': 'V=outer\n',
    'db/compose.yaml':
      'services: {db: {image: "db:${V}-${W}", volumes: ["./d:/d"], environment: [W]}}\nvolumes: {v: }\n',
    'db/.env': 'V=inner\nW=inner\n',
  });
  expect(project.services.web?.image).toBe('web:outer');
  expect(project.services.db).toMatchObject({
    image: 'db:outer-inner',
    volumes: [{ source: '/shop/db/d' }],
    environment: { W: 'inner' },
  });
  expect(project.volumes).toEqual({ v: { name: 'shop_v' } });
});

test('the including file wins over what it includes, and several paths are merged first', () => {
  const { project } = loadTexts({
    'compose.yaml': 'include: [{path: [a.yaml, b.yaml]}]\nservices: {s: {user: c}}\n',
    'a.yaml': 'services: {s: {image: a, user: a, hostname: a}}\n',
    'b.yaml': 'services: {s: {hostname: b}}\n',
  });
  expect(project.services.s).toMatchObject({ image: 'a', user: 'c', hostname: 'b' });
});

test('an include may name its directory and its env files', () => {
  const { project } = loadTexts({
    'compose.yaml': 'include: [{path: sub/c.yaml, project_directory: ., env_file: [x.env]}]\n',
    'sub/c.yaml': 'services: {s: {image: "${V}", build: b}}\n',
    'sub/.env': 'V=unseen\n',
    'x.env': 'V=seen\n',
  });
  expect(project.services.s).toMatchObject({ image: 'seen', build: { context: '/shop/b' } });
});

test.each([
  [{ 'compose.yaml': 'include: [compose.yaml]\n' }, 'include each other in a circle'],
  [{ 'compose.yaml': 'include: [no.yaml]\n' }, 'compose.yaml:1:11: include[0]: there is no file /shop/no.yaml'],
  [{ 'compose.yaml': 'include: [{path: a.yaml, env_file: no.env}]\n', 'a.yaml': '' }, 'there is no file /shop/no.env'],
  [{ 'compose.yaml': 'include: a.yaml\n' }, 'must be a list'],
  [
    { 'compose.yaml': 'include: [a.yaml]\n', 'a.yaml': 'services: {a: {imagee: x}}\n' },
    '/shop/a.yaml:1:16: services.a.imagee',
  ],
])('%j is refused', (texts, message) => {
  expect(() => loadTexts(texts)).toThrow(message);
});
