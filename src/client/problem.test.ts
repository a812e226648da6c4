import { expect, test } from 'vitest';
import { errorOf, noAnswer } from './problem.ts';

test("problem details become the server's own error", () => {
  expect(errorOf({ code: 'not_found', detail: 'there is no stack', hint: 'look' }, 404)).toMatchObject({
    code: 'not_found',
    message: 'there is no stack',
    hint: 'look',
  });
});

test('the code of a newer server is told as it can be', () => {
  expect(errorOf({ code: 'brand.new', detail: 'x', hint: null }, 418)).toMatchObject({
    code: 'internal',
    message: 'x',
  });
});

test("a proxy's page is no Slipway server", () => {
  expect(errorOf(undefined, 502)).toMatchObject({ message: expect.stringContaining('502') });
});

test('nobody there is told with the address, and an abort stays an abort', () => {
  expect(noAnswer(new TypeError('fetch failed'), 'http://127.0.0.1:1')).toMatchObject({
    code: 'server.unreachable',
    message: expect.stringContaining('http://127.0.0.1:1'),
  });
  const abort = new DOMException('stop', 'AbortError');
  expect(noAnswer(abort, 'x')).toBe(abort);
});
