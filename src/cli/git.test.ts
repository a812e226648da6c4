import { expect, test } from 'vitest';
import { parseStatus } from './git.ts';

const id = 'a'.repeat(40);
const status = (...entries: readonly string[]): string => entries.map((entry) => `${entry}\0`).join('');
const of = '100644 100644 100644 b1 b2';

test('a status names the commit, the branch, and every path that differs, spaces and all', () => {
  const output = status(
    `# branch.oid ${id}`,
    '# branch.head main',
    '# branch.upstream slipway/main',
    '# branch.ab +1 -0',
    `1 .M N... ${of} web/a file.txt`,
    `2 R. N... ${of} R100 new name`,
    'old name',
    `u UU N... 100644 100644 100644 100644 b1 b2 b3 both ways`,
    '? 1 more',
    '! ignored',
  );
  expect(parseStatus(output)).toEqual({
    commit: id,
    branch: 'main',
    uncommitted: ['web/a file.txt', 'new name', 'both ways', '1 more'],
  });
});

test('a HEAD at no branch has none, and one without a commit is no head', () => {
  expect(parseStatus(status(`# branch.oid ${id}`, '# branch.head (detached)'))).toEqual({
    commit: id,
    branch: null,
    uncommitted: [],
  });
  expect(parseStatus(status('# branch.oid (initial)', '# branch.head main'))).toBeNull();
});
