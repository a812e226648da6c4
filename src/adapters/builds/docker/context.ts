import { posix } from 'node:path';
import dockerignore from '@balena/dockerignore';
import type { BuildRequest } from '#domain/builds/build-request.ts';

/** Where the ignore file of a build may be, relative to the checkout; the first that exists counts, as for BuildKit. */
export function ignoreFilesOf(
  request: Pick<BuildRequest, 'context' | 'dockerfile' | 'dockerfileInline'>,
): readonly string[] {
  const common = inCheckout(request.context, '.dockerignore');
  if (request.dockerfileInline !== null) return [common];
  return [inCheckout(request.context, `${request.dockerfile}.dockerignore`), common];
}

/**
 * The files of a checkout that a build's context holds: what is below the context and not ignored.
 * @param files paths relative to the checkout @param context relative to the checkout, `.` for all of it
 * @param ignore text of the `.dockerignore`, `undefined` where there is none
 * @returns paths relative to the checkout, in the order given
 */
export function contextFiles(files: readonly string[], context: string, ignore: string | undefined): readonly string[] {
  const below = contextPrefix(context);
  const inside = files.filter((file) => file.startsWith(below));
  if (ignore === undefined) return inside;
  const isIgnored = ignores(ignore);
  return inside.filter((file) => !isIgnored(file.slice(below.length)));
}

/** @returns says of a path relative to the context whether a `.dockerignore` of this text leaves it out */
export function ignores(text: string): (path: string) => boolean {
  const rules = dockerignore.default().add(text.replace(/^\ufeff/, ''));
  return (path) => rules.ignores(path);
}

/** `services/web/` for `./services/web`; empty for the checkout itself. */
export function contextPrefix(context: string): string {
  const path = posix.normalize(context).replace(/\/$/, '');
  return path === '.' ? '' : `${path}/`;
}

/** A path that is relative to the context, relative to the checkout. */
export function inCheckout(context: string, path: string): string {
  return posix.normalize(posix.join(context, path));
}
