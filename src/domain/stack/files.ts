import { createHmac } from 'node:crypto';
import type { FileSpec } from './spec.ts';

/**
 * The name under which an engine keeps one content of a config or secret: `<key>_<12 hex>`. The version is an HMAC under
 * the installation's key, so that a name tells nobody what a short secret is; a new content has a new name, since
 * engines cannot change the content of one in use.
 */
export function versionedName(file: FileSpec, key: Uint8Array): string {
  const version = createHmac('sha256', key)
    .update(`${file.kind}\0${file.key}\0${file.base64 ?? ''}`)
    .digest('hex');
  return `${file.key}_${version.slice(0, 12)}`;
}
