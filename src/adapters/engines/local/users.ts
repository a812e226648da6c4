import { readFileSync } from 'node:fs';
import { SlipwayError } from '#domain/errors.ts';

export interface UserNumbers {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The numbers of `user` or `user:group` (names or numbers), by the text of /etc/passwd and /etc/group.
 * @throws SlipwayError `engine.refused` for a name that this machine does not know.
 */
export function userNumbers(text: string, passwd: string, groups: string): UserNumbers {
  const [user = '', group] = text.split(':');
  const entry = linesOf(passwd).find((fields) => fields[0] === user || fields[2] === user);
  const uid = /^\d+$/.test(user) ? Number(user) : Number(entry?.[2] ?? unknown('user', user));
  if (group === undefined) return { uid, gid: Number(entry?.[3] ?? uid) };
  if (/^\d+$/.test(group)) return { uid, gid: Number(group) };
  const found = linesOf(groups).find((fields) => fields[0] === group);
  return { uid, gid: Number(found?.[2] ?? unknown('group', group)) };
}

/** As root: the user that a service asks for. As anybody else: `null`, since nobody but root can change it. */
export function userOnThisMachine(text: string): UserNumbers | null {
  if (process.getuid?.() !== 0) return null;
  return userNumbers(text, readFileSync('/etc/passwd', 'utf8'), readFileSync('/etc/group', 'utf8'));
}

const linesOf = (text: string): readonly (readonly string[])[] => text.split('\n').map((line) => line.split(':'));

function unknown(what: string, name: string): never {
  throw new SlipwayError('engine.refused', `this machine has no ${what} '${name}'`, 'add it, or use its number');
}
