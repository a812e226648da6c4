import { SlipwayError } from './errors.ts';

declare const brand: unique symbol;
/** The name of a stack. Only `parseStackName` makes one. */
export type StackName = string & { readonly [brand]: 'StackName' };

/**
 * Checks a name as the project's template made it: 1-32 of a-z, 0-9, '-', a letter first.
 * @throws SlipwayError `stack.name_invalid`. Source: requirement 5.1.
 */
export function parseStackName(text: string): StackName {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(text)) return text as StackName;
  throw new SlipwayError(
    'stack.name_invalid',
    `stack name '${text}' is not 1-32 of a-z, 0-9, '-', with a letter first`,
    'shorten or change `stack:` (or `project:`) in slipway.yaml',
  );
}
