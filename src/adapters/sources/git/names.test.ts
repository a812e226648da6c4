import { describe, expect, test } from 'vitest';
import { checkCommit, checkProject, checkRefPattern, isRevision, parseRemote } from './names.ts';

describe('a git URL', () => {
  test.each([
    ['https://github.com/a/b.git', 'https://github.com/a/b.git'],
    ['http://127.0.0.1:3000/a', 'http://127.0.0.1:3000/a'],
    ['ssh://git@host:2222/a.git', 'ssh://git@host:2222/a.git'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
    ['host:~/a', 'host:~/a'],
    ['git://host/a', 'git://host/a'],
    ['file:///srv/a.git', 'file:///srv/a.git'],
    ['/srv/with space/a.git', '/srv/with space/a.git'],
  ])('%s is taken', (text, url) => expect(parseRemote(text)).toMatchObject({ url, credentials: null }));

  test('keeps its credentials apart from what git is called with', () => {
    expect(parseRemote('https://me:s%20ecret@host:8443/a.git')).toEqual({
      url: 'https://host:8443/a.git',
      credentials: { username: 'me', password: 's ecret' },
      origin: 'https://host:8443/',
    });
  });

  test.each([
    ['ext::sh -c "touch /tmp/x"'],
    ['fd::17'],
    ['EXT::x'],
    ['transport-helper+x::y'],
    ['--upload-pack=touch x'],
    ['-oProxyCommand=x'],
    ['ssh://-oProxyCommand=x/a'],
    ['ssh://-l@host/a'],
    ['ssh://%2doProxyCommand=x/a'],
    ['-oProxyCommand=x:a'],
    ['git@-oProxyCommand=x:a'],
    ['host:--upload-pack=x'],
    ['ftp://host/a'],
    ['../relative'],
    ['relative/path'],
    ['file://other-host/share'],
    ['https:///no-host'],
    ['https://host/a\nb'],
    ['host:a\0b'],
    [''],
    ['ssh://'],
  ])('%j is refused', (text) => {
    expect(() => parseRemote(text)).toThrow(expect.objectContaining({ code: 'source.refused' }));
  });

  test('does not show credentials when it is refused', () => {
    expect(() => parseRemote('ftp://me:topsecret@host/a')).toThrow(/^(?!.*topsecret).*ftp:\/\/host/);
  });
});

describe('a repository name', () => {
  test.each(['a', 'shop', 'Shop_2.web-x', 'a'.repeat(63)])('%s is taken', (name) =>
    expect(checkProject(name)).toBe(name),
  );
  test.each(['', '.', '..', '-a', 'a-', 'a/b', 'a..b', 'a.', '.git', 'a b', 'a\0', 'ä', 'a'.repeat(64), '$(x)'])(
    '%j is refused',
    (name) => expect(() => checkProject(name)).toThrow(expect.objectContaining({ code: 'source.refused' })),
  );
});

describe('a revision', () => {
  test.each([
    ['main', true],
    ['feature/a-b_c.d', true],
    ['v1.0', true],
    ['abc1234', true],
    ['ünïcode', true],
    ['a@b', true],
    ['-x', false],
    ['--all', false],
    ['main^{tree}', false],
    ['main~1', false],
    [':/message', false],
    ['HEAD:secret', false],
    ['main@{yesterday}', false],
    ['@', false],
    ['a..b', false],
    ['a.lock', false],
    ['a/', false],
    ['/a', false],
    ['a//b', false],
    ['a b', false],
    ['a*', false],
    ['', false],
  ])('%j can name a commit: %s', (text, expected) => expect(isRevision(text)).toBe(expected));
});

test.each(['refs/heads/main', 'refs/heads/*', 'refs/tags/release-*', 'refs/pull/1/head'])(
  'the ref %s is fetched',
  (ref) => expect(checkRefPattern(ref)).toBe(ref),
);
test.each(['main', 'HEAD', '--all', 'refs/heads/a:b', '+refs/heads/a', 'refs/*/*', '^refs/heads/a', 'refs/heads/..'])(
  'the ref %j is not fetched',
  (ref) => expect(() => checkRefPattern(ref)).toThrow(expect.objectContaining({ code: 'source.refused' })),
);
test.each(['abc1234', 'HEAD', 'g'.repeat(40), `${'a'.repeat(40)}\n`, ''])('%j is not a full commit id', (id) =>
  expect(() => checkCommit(id)).toThrow(expect.objectContaining({ code: 'source.refused' })),
);
