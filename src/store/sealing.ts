import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';

/** The key that everything sealed in the database is sealed with. `id` is public: 8 bytes of a hash of the key. */
export interface Key {
  readonly id: Buffer;
  readonly bytes: Buffer;
}

const version = 1;
const idBytes = 8;
const ivBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + idBytes + ivBytes + tagBytes;

/** @param bytes 32 random bytes. */
export function keyOf(bytes: Buffer): Key {
  return { bytes, id: createHash('sha256').update('slipway key id').update(bytes).digest().subarray(0, idBytes) };
}

/**
 * Encrypts with AES-256-GCM, as version, key id, IV, tag, text. `place` names the row and the purpose
 * (`['variables', 'shop', 'prod', 'API_KEY']`): what was sealed for one place does not open in another.
 * Random 96-bit IVs keep one key good for 2^32 values (NIST SP 800-38D, 8.3).
 */
export function seal(key: Key, place: readonly string[], text: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(JSON.stringify(place)));
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([Buffer.of(version), key.id, iv, cipher.getAuthTag(), body]);
}

/**
 * Decrypts what `seal` made for the same place.
 * @throws SlipwayError `secret.wrong_key` where another key sealed it, `data.damaged` where the bytes were changed or
 * come from another place.
 */
export function unseal(key: Key, place: readonly string[], sealed: Uint8Array): string {
  const bytes = Buffer.from(sealed);
  const what = place.join('/');
  if (bytes.length < headerBytes || bytes[0] !== version)
    throw new SlipwayError('data.damaged', `the sealed value of ${what} is damaged`, 'restore the database');
  if (!bytes.subarray(1, 1 + idBytes).equals(key.id)) throw wrongKey(what);
  const iv = bytes.subarray(1 + idBytes, 1 + idBytes + ivBytes);
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(JSON.stringify(place)));
  decipher.setAuthTag(bytes.subarray(1 + idBytes + ivBytes, headerBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headerBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    const hint = 'restore the database; the key is the right one';
    throw new SlipwayError('data.damaged', `the sealed value of ${what} was changed or belongs elsewhere`, hint, cause);
  }
}

function wrongKey(what: string): SlipwayError {
  return new SlipwayError(
    'secret.wrong_key',
    `${what} was sealed with another key than the one in secret.key`,
    'put back the secret.key file that belongs to this database',
  );
}

/** A key for one purpose (`versions`: the HMAC that names configs and secrets), from which the main key cannot be found. */
export function derive(key: Key, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.bytes, Buffer.alloc(0), `slipway ${purpose}`, 32));
}

/**
 * The key of a data folder, from `secret.key` (0600, 64 hex digits), which is made when it is not there. Made at the
 * same time by two servers, both get the same one: the file appears whole, by a link that never replaces another.
 * @throws SlipwayError `data.damaged` when the file holds no key.
 */
export async function loadKey(directory: string): Promise<Key> {
  const path = join(directory, 'secret.key');
  const found = await readIfThere(path);
  if (found === null) await makeKeyFile(path);
  const text = (found ?? (await readFile(path, 'utf8'))).trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new SlipwayError('data.damaged', `${path} does not hold a key`, 'put back the file from a backup');
  return keyOf(Buffer.from(text, 'hex'));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}

async function makeKeyFile(path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}
