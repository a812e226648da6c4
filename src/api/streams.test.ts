import { expect, test } from 'vitest';
import { keptAlive } from './streams.ts';

async function* after(ms: number, parts: readonly string[]): AsyncIterable<string> {
  for (const part of parts) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    yield part;
  }
}

test('a stream begins with the filler, which sends the headers, and carries every part', async () => {
  const seen: string[] = [];
  for await (const part of keptAlive(after(1, ['a', 'b']), '\n', 60_000)) seen.push(part);
  expect(seen).toEqual(['\n', 'a', 'b']);
});

test('a long silence is filled, and nothing of the source is lost', async () => {
  const seen: string[] = [];
  for await (const part of keptAlive(after(60, ['a', 'b']), '.', 10)) seen.push(part);
  expect(seen.filter((part) => part !== '.')).toEqual(['a', 'b']);
  expect(seen.filter((part) => part === '.').length).toBeGreaterThan(3);
});
