import { SlipwayError } from '#domain/errors.ts';

/**
 * What may stand in a git command line. Everything that people write is checked here before it becomes an argument:
 * git reads `--upload-pack=…` as an option and `ext::sh -c …` as a transport.
 */

/** @throws SlipwayError `source.refused` unless the name can be a folder's: a-z, 0-9, '.', '_', '-', at most 63. */
export function checkProject(project: string): string {
  if (/^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/i.test(project) && !project.includes('..')) return project;
  throw new SlipwayError(
    'source.refused',
    `${shown(project)} cannot be a repository's name`,
    "use 1-63 of a-z, 0-9, '.', '_', '-', with a letter or digit at both ends",
  );
}

/** @throws SlipwayError `source.refused` unless it is a full object id. */
export function checkCommit(commit: string): string {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return commit;
  throw new SlipwayError('source.refused', `${shown(commit)} is not a full commit id`);
}

/** Could this name a branch, tag or commit? By git's rules for ref names, without the operators of its revisions. */
export function isRevision(text: string): boolean {
  return text.length <= 255 && /^[^-/.]/.test(text) && hasNoRefSyntax(text) && !text.includes('*');
}

/** @throws SlipwayError `source.refused` unless it is `refs/…`, with at most one `*`. */
export function checkRefPattern(ref: string): string {
  const stars = ref.split('*').length - 1;
  if (ref.startsWith('refs/') && ref.length <= 255 && stars <= 1 && hasNoRefSyntax(ref)) return ref;
  throw new SlipwayError(
    'source.refused',
    `${shown(ref)} is not the full name of a ref`,
    'write it as refs/heads/main',
  );
}

function hasNoRefSyntax(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x20\x7f~^:?[\\]|\.\.|@\{|\/\/|\/\.|^@$/.test(text)) return false;
  return !/(?:\/|\.|\.lock)$/.test(text);
}

/** A URL that git may be given, and the credentials that were in it. */
export interface Remote {
  readonly url: string;
  /** Of http and https only. They go to git through its environment, never its arguments. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** `https://host:8443/`, where the credentials belong. */
  readonly origin: string | null;
}

const schemes = new Set(['https:', 'http:', 'ssh:', 'git:', 'file:']);

/**
 * Checks a git URL or path.
 * @throws SlipwayError `source.refused` for other transports (`ext::`, `fd::`), option-like names, relative paths.
 */
export function parseRemote(text: string): Remote {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (text === '' || text.length > 2048 || text.startsWith('-') || /[\x00-\x1f\x7f]/.test(text)) throw refused(text);
  if (/^[a-z0-9+.-]*::/i.test(text)) throw refused(text);
  if (text.startsWith('/')) return { url: text, credentials: null, origin: null };
  if (text.includes('://')) return parseUrl(text);
  const scp = /^(?:[\w.-]+@)?(\[[0-9a-f:]+\]|[\w.-]+):(.+)$/i.exec(text);
  const [, host = '-', path = '-'] = scp ?? [];
  if (/^-|@-/.test(text) || host.startsWith('-') || path.startsWith('-')) throw refused(text);
  return { url: text, credentials: null, origin: null };
}

function parseUrl(text: string): Remote {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !schemes.has(url.protocol) || /^-|%2d/i.test(url.hostname) || url.username.startsWith('-'))
    throw refused(text);
  // `https:///x` has the host x for WHATWG, none for git
  if (url.protocol === 'file:' ? url.host !== '' : url.host === '' || /^\w+:\/{3}/.test(text)) throw refused(text);
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
  if (!isHttp) return { url: text, credentials: null, origin: null };
  const credentials =
    url.username || url.password
      ? { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
      : null;
  url.username = '';
  url.password = '';
  return { url: url.href, credentials, origin: `${url.origin}/` };
}

function refused(text: string): SlipwayError {
  return new SlipwayError(
    'source.refused',
    `${shown(withoutCredentials(text))} is not a git URL that Slipway fetches`,
    'use https://, http://, ssh://, git://, file://, user@host:path, or an absolute path',
  );
}

/** A URL as it may be logged. */
export function withoutCredentials(url: string): string {
  return url.replace(/^([a-z0-9+.-]+:\/\/)[^/@]*@/i, '$1');
}

function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
