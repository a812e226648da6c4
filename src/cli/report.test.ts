import { expect, test } from 'vitest';
import { errorTable, SlipwayError } from '#domain/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { paints } from './output.ts';
import { reportOf } from './report.ts';

const people = { json: false, paint: paints(false) };
const scripts = { json: true, paint: paints(false) };

test('an error says what happened and what to do', () =>
  expect(
    reportOf(new SlipwayError('not_found', "there is no stack 'x'", 'list them with `slipway ps`'), people),
  ).toEqual({
    text: "error: there is no stack 'x'\n  try: list them with `slipway ps`\n",
    exitCode: exitCodes.notFound.code,
  }));

test('a hint that the message has in it is not said twice', () => {
  const { text } = reportOf(
    new SlipwayError('compose.invalid', "a.yaml:1:1: x (did you mean 'y'?)", "did you mean 'y'?"),
    people,
  );
  expect(text).toBe("error: a.yaml:1:1: x (did you mean 'y'?)\n");
});

test('scripts get the code, one object on one line', () =>
  expect(JSON.parse(reportOf(new SlipwayError('auth.required', 'a token is required'), scripts).text)).toEqual({
    error: { code: 'auth.required', message: 'a token is required', hint: null },
  }));

test('what nobody worded shows where it came from, and ends with 1', () => {
  const { text, exitCode } = reportOf(new TypeError('x is not a function'), people);
  expect(text).toContain('error: x is not a function\n    at ');
  expect(exitCode).toBe(exitCodes.failed.code);
});

test('no error ends with the code of success, of changes or of Ctrl-C', () => {
  for (const code of Object.keys(errorTable) as (keyof typeof errorTable)[])
    expect([0, exitCodes.changes.code, exitCodes.interrupted.code]).not.toContain(exitCodeOf(code));
});
