import { parseBytes } from '../bytes.ts';
import { formatDuration, parseDuration } from '../durations.ts';
import { type Field, scalarOf } from './field.ts';

/** Text; left out when it is empty. */
export const text: Field<string> = (node, path, reading) =>
  scalarOf(node, path, reading, ['string'], 'text')?.text || undefined;

/** Text, also when it is empty. */
export const anyText: Field<string> = (node, path, reading) => scalarOf(node, path, reading, ['string'], 'text')?.text;

/** Text or a number, as text. */
export const textOrNumber: Field<string> = (node, path, reading) =>
  scalarOf(node, path, reading, ['string', 'int', 'float'], 'text or a number')?.text;

/** One of a few words. */
export const choice =
  (...words: readonly string[]): Field<string> =>
  (node, path, reading) => {
    const found = scalarOf(node, path, reading, ['string'], 'text');
    if (found === undefined || words.includes(found.text)) return found?.text;
    return reading.error(node, path, `'${found.text}' is not one of ${words.map((word) => `'${word}'`).join(', ')}`);
  };

/** Text of a form. */
export const matching =
  (form: RegExp, what: string): Field<string> =>
  (node, path, reading) => {
    const found = scalarOf(node, path, reading, ['string'], 'text');
    if (found === undefined || form.test(found.text)) return found?.text;
    return reading.error(node, path, `'${found.text}' is not ${what}`);
  };

const yes = new Set(['true', 'yes', 'y', 'on']);
const no = new Set(['false', 'no', 'n', 'off']);

/** True or false, also as a word in a variable. */
export const flagKept: Field<boolean> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['bool', 'string'], 'true or false');
  const word = found?.text.toLowerCase() ?? '';
  if (found === undefined || yes.has(word)) return found === undefined ? undefined : true;
  return no.has(word) ? false : reading.error(node, path, `'${found.text}' is neither true nor false`);
};

/** `flagKept`, left out when false. */
export const flag: Field<boolean> = (node, path, reading) => flagKept(node, path, reading) || undefined;

/** True or false, not as text. */
export const strictFlag: Field<boolean> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['bool'], 'true or false');
  return found === undefined ? undefined : found.text === 'true';
};

/** A whole number, also as text, between the limits. */
export const wholeBetween =
  (least: number, most: number): Field<number> =>
  (node, path, reading) => {
    const found = scalarOf(node, path, reading, ['int', 'float', 'string'], 'a whole number');
    if (found === undefined) return undefined;
    const value = /^[-+]?\d+$/.test(found.text)
      ? Number(found.text)
      : found.type === 'float'
        ? Number(found.text)
        : Number.NaN;
    if (!Number.isInteger(value)) return reading.error(node, path, `'${found.text}' is no whole number`);
    return value >= least && value <= most
      ? value
      : reading.error(node, path, `${value} is not between ${least} and ${most}`);
  };

export const wholeKept: Field<number> = wholeBetween(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** A whole number, left out when 0. */
export const whole: Field<number> = (node, path, reading) => wholeKept(node, path, reading) || undefined;

/** A number in single precision (what Compose keeps), left out when 0. */
export const decimal: Field<number> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['int', 'float', 'string'], 'a number');
  if (found === undefined) return undefined;
  const value = found.text.trim() === '' ? Number.NaN : Number(found.text);
  return Number.isFinite(value)
    ? single(value) || undefined
    : reading.error(node, path, `'${found.text}' is no number`);
};

/** The shortest number that is the same in single precision. */
function single(value: number): number {
  const wanted = Math.fround(value);
  for (let digits = 1; digits < 10; digits++) {
    const shorter = Number(wanted.toPrecision(digits));
    if (Math.fround(shorter) === wanted) return shorter;
  }
  return wanted;
}

/** Bytes, printed as text; left out when 0. */
export const bytes: Field<string> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['int', 'float', 'string'], 'a size');
  if (found === undefined) return undefined;
  const value = found.type === 'float' ? Math.trunc(Number(found.text)) : parseBytes(found.text);
  if (value === undefined || Number.isNaN(value))
    return reading.error(node, path, `'${found.text}' is no size`, "as in '64m' or '1.5g'");
  return value === 0 ? undefined : String(value);
};

/** Bytes written as text only. */
export const textBytes: Field<string> = (node, path, reading) =>
  scalarOf(node, path, reading, ['string'], 'text') === undefined ? undefined : bytes(node, path, reading);

/** A duration, printed as Go does. */
export const duration: Field<string> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['string'], 'text');
  if (found === undefined) return undefined;
  const value = parseDuration(found.text);
  return value === undefined
    ? reading.error(node, path, `'${found.text}' is no duration`, "as in '1m30s': a number needs its unit")
    : formatDuration(value);
};

/** File permissions: a number, or octal text; printed in octal. */
export const fileMode: Field<string> = (node, path, reading) => {
  const found = scalarOf(node, path, reading, ['int', 'string'], 'file permissions');
  if (found === undefined) return undefined;
  if (found.type === 'int') return `0${Number(found.text).toString(8)}`;
  const digits = found.text.replace(/^0o/, '');
  return /^[0-7]+$/.test(digits)
    ? `0${Number.parseInt(digits, 8).toString(8)}`
    : reading.error(node, path, `'${found.text}' are no octal permissions`, "as in '0440'");
};
