import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { leniencies } from './leniencies.ts';

test('the documentation lists every leniency in the words of the table', () => {
  const page = readFileSync(new URL('../../../docs/compose.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)].map(([, name, what]) => [name, what]);
  expect(Object.fromEntries(rows)).toEqual(leniencies);
});
