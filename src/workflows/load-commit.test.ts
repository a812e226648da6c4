import { expect, test } from 'vitest';
import { asInRepository } from './load-commit.ts';

const checkout = '/data/git/checkouts/shop/0123abc';

test.each([
  [`${checkout}/compose.yaml:5:22: no`, 'compose.yaml:5:22: no'],
  [`${checkout} has no file`, '. has no file'],
  ['/data/git/checkouts/other.yaml leads out', '../../other.yaml leads out'],
  ['/etc/shadow leads out', '/etc/shadow leads out'],
])('%s is shown as %s', (text, shown) => expect(asInRepository(checkout, text)).toBe(shown));
