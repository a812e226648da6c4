import { expect, test } from 'vitest';
import { loadTexts } from './in-memory.ts';

const variables = (service: string, texts: Readonly<Record<string, string>>, environment = {}): unknown =>
  loadTexts({ 'compose.yaml': `services: {a: {image: x, ${service}}}\n`, ...texts }, { environment }).project.services.a
    ?.environment;

test("environment wins over later files, they over earlier ones, and '.env' reaches a container only by name", () => {
  const texts = { '.env': 'SECRET=1\nASKED=2\n', 'a.env': 'A=a\nB=a\nC=a\n', 'b.env': 'B=b\nC=b\n' };
  expect(variables('environment: [C=c, ASKED], env_file: [a.env, b.env]', texts)).toEqual({
    A: 'a',
    B: 'b',
    C: 'c',
    ASKED: '2',
  });
});

test('variables in a file see the outside, then environment, then earlier lines', () => {
  const texts = { 'a.env': 'X=$OUT\nY=$E\nZ=$X-${NO:-none}\n' };
  const seen = variables('environment: {E: env}, env_file: a.env', texts, { OUT: 'out' });
  expect(seen).toEqual({ X: 'out', Y: 'env', Z: 'out-none', E: 'env' });
});

test('a variable without a value takes it from a file', () => {
  expect(variables('environment: [A, B], env_file: a.env', { 'a.env': 'A=1\n' })).toEqual({ A: '1', B: null });
});

test('a file may be missing when it says so, and raw when it says so', () => {
  const files = 'env_file: [{path: no.env, required: false}, {path: r.env, format: raw}]';
  expect(variables(files, { 'r.env': 'A="$X"\n' })).toEqual({ A: '"$X"' });
  expect(() => variables('env_file: no.env', {})).toThrow('there is no file /shop/no.env');
  expect(() => variables('env_file: bad.env', { 'bad.env': 'A=1\nB="' })).toThrow('/shop/bad.env:2: the quoted value');
});

test('labels from files stand below those of the service', () => {
  const text = 'services: {a: {image: x, label_file: l, labels: {b: own}}}\n';
  expect(loadTexts({ 'compose.yaml': text, l: 'a=1\nb=2\n' }).project.services.a?.labels).toEqual({ a: '1', b: 'own' });
});
