import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventData, textLines } from './streams.ts';

async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
};

test('lines are the same however the network cuts them', async () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ' '));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const bytes = new TextEncoder().encode(lines.map((text) => `${text}\n`).join(''));
      expect(await all(textLines(pieces(bytes, size)))).toEqual(lines);
    }),
    { numRuns: 50 },
  );
});

test('a last line without an end is a line', async () => {
  expect(await all(textLines(pieces(new TextEncoder().encode('a\r\nb'), 2)))).toEqual(['a', 'b']);
});

test("an event's data is read, and its comments and other fields are not", async () => {
  const text = ': keep-alive\n\nid: 1\nevent: x\ndata: {"a":1}\n\ndata: two\ndata: lines\n\n: end\n\n';
  expect(await all(eventData(textLines(pieces(new TextEncoder().encode(text), 5))))).toEqual(['{"a":1}', 'two\nlines']);
});
