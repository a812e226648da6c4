import { SlipwayError } from '../errors.ts';

/** A name as Compose makes it of a directory or `name:`: lower case, `[a-z0-9_-]` only, no `_` or `-` first. */
export const normalName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');

/** A name that somebody gave, which must be normal as it is. @throws SlipwayError `compose.invalid` */
export function givenName(text: string, from: string): string {
  if (text !== '' && normalName(text) === text) return text;
  throw new SlipwayError(
    'compose.invalid',
    `the project name '${text}' (${from}) is not a-z, 0-9, '_', '-', with a letter or digit first`,
  );
}
