import { expect, test } from 'vitest';
import { cgiHeadReader } from './cgi-head.ts';

test.each([
  ['in one piece', ['Status: 403 Forbidden\r\nExpires: x: y\r\n\r\nbody'], 403, [['Expires', 'x: y']], 'body'],
  ['cut within its end', ['Content-Type: a\r\n', '\r', '\nbo'], 200, [['Content-Type', 'a']], 'bo'],
  ['with bare line feeds', ['A: b\n\n'], 200, [['A', 'b']], ''],
] as const)('a CGI head is read %s', (_, pieces, status, headers, rest) => {
  const read = cgiHeadReader();
  const heads = pieces.map((piece) => read(Buffer.from(piece)));
  expect(heads.slice(0, -1)).toEqual(heads.slice(0, -1).map(() => undefined));
  expect({ ...heads.at(-1), rest: heads.at(-1)?.rest.toString() }).toEqual({ status, headers, rest });
});

test('a head without end is given up', () => {
  expect(cgiHeadReader()(Buffer.alloc(70_000, 'a'))).toMatchObject({ status: 502 });
});
