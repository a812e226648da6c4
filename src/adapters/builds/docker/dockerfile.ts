import type { BuildRequest } from '#domain/builds/build-request.ts';
import { SlipwayError } from '#domain/errors.ts';
import { readInside } from '../../read-inside.ts';
import { contextPrefix, inCheckout } from './context.ts';

/** The Dockerfile of a build, and where the engine finds it in the context. */
export interface Dockerfile {
  readonly text: string;
  /** Name in the context. */
  readonly name: string;
  /** Is it to be added to the context's files? Inline ones are, and those outside the context or ignored by it. */
  readonly added: boolean;
}

/** For Dockerfiles that are not files of the context; a `COPY . .` does see it. */
const addedName = '.slipway.Dockerfile';
const maxBytes = 1024 * 1024;

/**
 * Finds the Dockerfile in the checkout. @param files the context's, relative to the checkout
 * @throws SlipwayError `build.no_dockerfile`, `compose.outside_checkout`
 */
export function findDockerfile(request: BuildRequest, checkout: string, files: readonly string[]): Dockerfile {
  if (request.dockerfileInline !== null) return { text: request.dockerfileInline, name: addedName, added: true };
  const path = inCheckout(request.context, request.dockerfile);
  const found = readInside(checkout, path, maxBytes);
  if (found.kind === 'outside')
    throw new SlipwayError(
      'compose.outside_checkout',
      `the Dockerfile ${path} of ${request.service} leads out of the checkout`,
    );
  if (found.kind !== 'file') throw missing(request, path, files);
  const text = found.content.toString('utf8');
  const prefix = contextPrefix(request.context);
  // a symlink is sent by content: the engine might not reach its target
  if (files.includes(path)) return { text, name: path.slice(prefix.length), added: false };
  return { text, name: addedName, added: true };
}

function missing(request: BuildRequest, path: string, files: readonly string[]): SlipwayError {
  const others = files.filter((file) => /(?:^|[/.])dockerfile(?:\.|$)/i.test(file)).slice(0, 5);
  return new SlipwayError(
    'build.no_dockerfile',
    `service ${request.service} has no Dockerfile at ${path}`,
    others.length > 0
      ? `the commit has ${others.join(', ')}: set build.dockerfile`
      : `add one, or correct build.context or build.dockerfile`,
  );
}

const syntaxLine = /^(?:\ufeff)?#[ \t]*syntax[ \t]*=[ \t]*docker\/dockerfile(?::[\w.-]+)?[ \t]*$/im;

/** Docker's own frontend, asked for by `# syntax=docker/dockerfile:…` in the first comment lines? */
export function hasSyntaxLine(text: string): boolean {
  const head = /^(?:\ufeff)?(?:#.*(?:\r?\n|$))*/.exec(text)?.[0] ?? '';
  return syntaxLine.test(head);
}

/** The same Dockerfile for the frontend that is built into the engine; line numbers stay. */
export function withoutSyntaxLine(text: string): string {
  return text.replace(syntaxLine, '#');
}
