import type { ScalarType } from './node.ts';

const int = /^[-+]?(?:0b[01]+|0o?[0-7]+|0x[0-9a-f]+|0|[1-9][0-9]*)$/i;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const words: ReadonlyMap<string, readonly [ScalarType, string]> = new Map<string, readonly [ScalarType, string]>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, ['null', '']] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, ['bool', 'true']] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, ['bool', 'false']] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, ['float', '+Inf']] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, ['float', '-Inf']] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, ['float', 'NaN']] as const),
]);

/**
 * The type and the Go-printed text of a plain YAML scalar. The rules are those of go-yaml: `yes` and `1:30` are text,
 * `017` is octal, `1_000` a number.
 */
export function resolvePlain(source: string): readonly [ScalarType, string] {
  const word = words.get(source);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(source)) return ['string', source];
  const time = timestamp(source);
  if (time !== undefined) return ['time', time];
  const digits = source.replaceAll('_', '');
  const whole = int.test(digits) ? integer(digits) : undefined;
  if (whole !== undefined) return ['int', String(whole)];
  if (float.test(digits) && Number.isFinite(Number(digits))) return ['float', formatFloat(Number(digits))];
  return ['string', source];
}

/** A number in Go's notation, when it fits into 64 bits. */
function integer(text: string): bigint | undefined {
  const negative = text.startsWith('-');
  const digits = text.replace(/^[-+]/, '');
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  const value = BigInt(octal.toLowerCase()) * (negative ? -1n : 1n);
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : undefined;
}

/** A float as Go's `%v` prints it: the shortest digits, with an exponent from a million on and below 0.0001. */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const stamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?$/;

/** A timestamp in go-yaml's four forms, printed as Go prints a time. */
function timestamp(text: string): string | undefined {
  const found = stamp.exec(text);
  if (found === null) return undefined;
  const [, year = '', month = '', day = '', joint, hour = '0', minute = '0', second = '0', fraction = '', zone] = found;
  if (joint === ' ' ? zone !== undefined : joint !== undefined && zone === undefined) return undefined;
  const days =
    new Map([
      [4, 30],
      [6, 30],
      [9, 30],
      [11, 30],
      [2, isLeap(Number(year)) ? 29 : 28],
    ]).get(Number(month)) ?? 31;
  const inRange = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days;
  if (!inRange || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const two = (n: string): string => n.padStart(2, '0');
  const rest = fraction.replace(/0+$/, '').slice(0, 9);
  const offset = zone === undefined || zone === 'Z' ? '+0000 UTC' : `${zone.replace(':', '')} ${zone.replace(':', '')}`;
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${rest === '' ? '' : `.${rest}`}`;
  return `${year}-${two(month)}-${two(day)} ${clock} ${offset}`;
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
