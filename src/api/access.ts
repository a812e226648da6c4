import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyRequest } from 'fastify';
import { SlipwayError } from '#domain/errors.ts';
import { Secret } from '#domain/secret.ts';
import type { Store } from '#store/database.ts';
import { addToken, useToken } from '#store/tokens.ts';

/**
 * The first token, made at the first start and kept in `<data>/token` (0600), so that the command line on this machine finds it.
 * @returns the token
 */
export async function ensureFirstToken(store: Store, dataDirectory: string): Promise<Secret> {
  const path = join(dataDirectory, 'token');
  const found = await readFile(path, 'utf8').catch(() => '');
  const token = found.trim() === '' ? newToken() : new Secret(found.trim());
  await store.transaction((tx) => addToken(tx, token, 'first'));
  if (found === '') await writePrivate(path, `${token.reveal()}\n`);
  return token;
}

/** 256 random bits, recognisable as Slipway's. */
export const newToken = (): Secret => new Secret(`slw_${randomBytes(32).toString('base64url')}`);

async function writePrivate(path: string, text: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Who asks, by `Authorization: Bearer` or, as git sends it, the password of `Basic`. @throws SlipwayError `auth.required` */
export async function whoAsks(store: Store, request: FastifyRequest): Promise<string> {
  const token = tokenOf(request.headers.authorization);
  const row = token === null ? null : await store.read((db) => useToken(db, new Secret(token)));
  if (row) return row.name;
  throw new SlipwayError(
    'auth.required',
    token === null ? 'a token is required' : 'the token is not known here',
    'log in with `slipway login`',
  );
}

function tokenOf(header: string | undefined): string | null {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(.+)$/i.exec(header ?? '') ?? [];
  if (scheme === '') return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  return Buffer.from(value, 'base64')
    .toString('utf8')
    .replace(/^[^:]*:/, '');
}
