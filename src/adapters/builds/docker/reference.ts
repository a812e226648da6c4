/** An image reference, taken apart as Docker does. */
export interface ImageReference {
  /** `docker.io` where none is written. */
  readonly host: string;
  /** As written, without tag and digest: `postgres`, `ghcr.io/a/b`. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

/** Docker Hub, by the names that people and tools have given it. */
const hub = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]);

/** The parts of an image reference as it is written; the host is `docker.io` where none is named. */
export function parseReference(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  // a colon after the last slash begins a tag, before it a port
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  return {
    host: registryHost(hasHost ? first : 'docker.io'),
    name,
    tag: colon < 0 ? null : named.slice(colon + 1),
    digest,
  };
}

/** A registry's host as one word for all its spellings: without scheme and path, `docker.io` for Docker Hub. */
export function registryHost(text: string): string {
  const host = text
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return hub.has(host) ? 'docker.io' : host;
}

/** The name as the registry knows it: `library/postgres` for `postgres`. */
export function repositoryOf({ host, name }: ImageReference): string {
  const first = name.split('/')[0] ?? '';
  const path = registryHost(first) === host && name.includes('/') ? name.slice(first.length + 1) : name;
  return host === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
}

/** A project's or service's name as a part of an image name: lower case, single separators, never empty. */
export function imagePart(name: string): string {
  const part = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]*([._-])[._-]*/g, '$1');
  return part.replace(/^[._-]+|[._-]+$/g, '') || 'x';
}
