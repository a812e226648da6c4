import { describe, expect, test } from 'vitest';
import { parseStackName } from '#domain/stack-name.ts';
import { looksAfter } from './watch.ts';

const stack = parseStackName('shop');
const looks = (Type: string, Action: string, Attributes: Record<string, string> = {}) =>
  looksAfter(JSON.stringify({ Type, Action, Actor: { Attributes } }), stack);
const labels = { 'slipway.stack': 'shop' };

describe('how long after an event of the engine it is looked', () => {
  test('a container that starts or ends: again, until the manager has recorded it', () => {
    for (const action of ['start', 'die', 'health_status: healthy', 'oom'])
      expect(looks('container', action, labels), action).toEqual([0, 150, 350, 700]);
  });
  test('what the manager says itself, and a container that only was made: once', () => {
    expect(looks('container', 'create', labels)).toEqual([0]);
    expect(looks('service', 'update', { name: 'shop_web' })).toEqual([0]);
    expect(looks('node', 'update', { name: 'vm' })).toEqual([0]);
  });
  test('another stack, the runs of a health check, and what is no event: never', () => {
    expect(looks('container', 'start', { 'slipway.stack': 'other' })).toEqual([]);
    expect(looks('service', 'create', { name: 'shopping_web' })).toEqual([]);
    expect(looks('container', 'exec_start: curl', labels)).toEqual([]);
    for (const line of ['', '{', '[]', '{"Type":"container"}']) expect(looksAfter(line, stack), line).toEqual([]);
  });
});
