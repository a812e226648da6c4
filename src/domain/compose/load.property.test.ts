import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify as toYaml } from 'yaml';
import { ComposeError } from './diagnostics.ts';
import { loadTexts } from './in-memory.ts';
import { printProject } from './print.ts';

const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
const plain = fc.stringMatching(/^[a-zA-Z0-9 ._/:=-]{1,12}$/);
const service = fc.record(
  {
    image: fc.constantFrom('a', 'b:1'),
    environment: fc.oneof(
      fc.dictionary(key, fc.oneof(plain, fc.integer(), fc.boolean())),
      fc.array(
        fc.tuple(key, plain).map(([k, v]) => `${k}=${v}`),
        { maxLength: 3 },
      ),
    ),
    labels: fc.dictionary(key, plain),
    ports: fc.uniqueArray(
      fc.integer({ min: 1, max: 65_535 }).map((port) => `${port}:80`),
      { maxLength: 3 },
    ),
    volumes: fc.uniqueArray(
      key.map((name) => `./${name}:/${name}`),
      { maxLength: 3 },
    ),
    command: fc.array(plain, { maxLength: 3 }),
    init: fc.boolean(),
    cpus: fc.integer({ min: 1, max: 64 }),
    stop_grace_period: fc.integer({ min: 1, max: 500 }).map((seconds) => `${seconds}s`),
  },
  { requiredKeys: ['image'] },
);
const model = fc.record({ services: fc.dictionary(key, service, { minKeys: 1, maxKeys: 4 }) });
/** In quotes: what stays plain here may be a number to Go. */
const stringify = (value: unknown): string => toYaml(value, { defaultStringType: 'QUOTE_SINGLE' });
const both = ['/shop/compose.yaml', '/shop/over.yaml'];
const printed = (texts: Readonly<Record<string, string>>, files = both.slice(0, 1)): string =>
  printProject(loadTexts(texts, { files }).project);

test('the same input gives the same output, however it is laid out', () => {
  fc.assert(
    fc.property(model, (file) => {
      const block = printed({ 'compose.yaml': stringify(file) });
      expect(printed({ 'compose.yaml': stringify(file) })).toBe(block);
      expect(printed({ 'compose.yaml': JSON.stringify(file) })).toBe(block);
      expect(printed({ 'compose.yaml': toYaml(file, { indent: 4, defaultStringType: 'QUOTE_DOUBLE' }) })).toBe(block);
    }),
    { numRuns: 60 },
  );
});

test('merging with a file that says nothing, or the same again, changes nothing', () => {
  fc.assert(
    fc.property(model, (file) => {
      const text = stringify(file);
      const alone = printed({ 'compose.yaml': text });
      expect(printed({ 'compose.yaml': text, 'over.yaml': 'services: {}\n' }, both)).toBe(alone);
      expect(printed({ 'compose.yaml': text, 'over.yaml': '# nothing\n' }, both)).toBe(alone);
      expect(printed({ 'compose.yaml': text, 'over.yaml': text }, both)).toBe(alone);
    }),
    { numRuns: 60 },
  );
});

test('what is printed with its dollars doubled can be loaded again, to the same', () => {
  fc.assert(
    fc.property(model, (file) => {
      const { project } = loadTexts({ 'compose.yaml': stringify(file).replaceAll('$', '$$$$') });
      const again = loadTexts({ 'compose.yaml': printProject(project, { doubleDollars: true }) }).project;
      expect(printProject(again)).toBe(printProject(project));
    }),
    { numRuns: 60 },
  );
});

test('whatever the text, it loads or is refused as a Compose file', () => {
  const piece = fc.constantFrom(
    'services:',
    '\n',
    '  ',
    'a',
    ':',
    ' ',
    '[',
    ']',
    '{',
    '}',
    '&x',
    '*x',
    '<<',
    '- ',
    '"',
    '${A',
    '!reset',
    'image',
    '|',
    '#',
    '\t',
    '1',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      try {
        loadTexts({ 'compose.yaml': pieces.join('') });
      } catch (error) {
        expect(error).toMatchObject({ code: 'compose.invalid' });
      }
    }),
    { numRuns: 300 },
  );
});

test('a mistake anywhere in a service is told at its own line', () => {
  fc.assert(
    fc.property(fc.nat(30), (before) => {
      const text = `services:\n  a:\n    image: x\n${'    # note\n'.repeat(before)}    wrong_key: 1\n`;
      expect(() => loadTexts({ 'compose.yaml': text })).toThrow(ComposeError);
      expect(() => loadTexts({ 'compose.yaml': text })).toThrow(`compose.yaml:${before + 4}:5:`);
    }),
  );
});
