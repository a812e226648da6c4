import fc from 'fast-check';
import { expect, test } from 'vitest';
import { substitute, TemplateError } from './interpolate.ts';

const values: Record<string, string> = { A: 'a', EMPTY: '', B_2: 'b' };
const lookup = (name: string): string | undefined => values[name];

test.each([
  ['$A ${A} ${B_2}', 'a a b'],
  ['$$A $${A} $$$A', '$A ${A} $a'],
  ['$1 $( $. end$', '$1 $( $. end$'],
  ['${NO:-x} ${NO-x} ${EMPTY:-x} ${EMPTY-x} ${A:-x}', 'x x x  a'],
  ['${A:+x} ${EMPTY:+x} ${EMPTY+x} ${NO+x}', 'x  x '],
  ['${A:?needed} ${EMPTY?needed}', 'a '],
  ['${NO:-${ALSO_NO:-$A}}', 'a'],
  ['${NO:-{"k":"v"}}!', '{"k":"v"}!'],
  ['${NO:-{{.Name}}}', '{{.Name}}'],
  ['${NO:-{}', '{'],
  ['${NO:-a:b-c?d}', 'a:b-c?d'],
  ['${A:-${NO:?never looked at}}', 'a'],
  ['${NO:-$$5}', '$5'],
  ['[$NO]', '[]'],
])('%s becomes %s', (template, text) => {
  expect(substitute(template, lookup)).toBe(text);
});

test.each([
  ['${}', 'names no variable'],
  ['${ A }', 'names no variable'],
  ['${1}', 'names no variable'],
  ['${A/x}', 'is no substitution'],
  ['${A', 'no closing brace'],
  ['${NO:?set it}', 'required variable NO is missing a value: set it'],
  ['${EMPTY:?}', 'required variable EMPTY is missing a value'],
])('%s is an error', (template, message) => {
  expect(() => substitute(template, lookup)).toThrow(new RegExp(message));
});

test('a variable that is not set is told, one with a default is not', () => {
  const unset: string[] = [];
  substitute('$X ${Y} ${Z:-1} ${W+1}', lookup, (name) => unset.push(name));
  expect(unset).toEqual(['X', 'Y']);
});

test('nesting without end is refused', () => {
  const deep = `${'${NO:-'.repeat(500)}x${'}'.repeat(500)}`;
  expect(() => substitute(deep, lookup)).toThrow(TemplateError);
});

test('any text with its dollars doubled comes back as it was', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(substitute(text.replaceAll('$', '$$$$'), lookup)).toBe(text);
    }),
  );
});

test('whatever the text, it is interpolated or refused as a template', () => {
  const part = fc.constantFrom('$', '{', '}', 'A', ':-', '?', '+', ' ', '$$', '${', 'x');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      try {
        substitute(parts.join(''), lookup);
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
      }
    }),
  );
});
