import type { Command } from './command.ts';

/** A command before it is loaded: what `slipway --help` says of it costs nothing. */
export interface Entry {
  readonly about: string;
  /** The heading it stands below; `hidden`: for other programs. */
  readonly group: 'server' | 'project' | 'deploy' | 'watch' | 'settings' | 'shell' | 'hidden';
  load(): Promise<Command>;
}

const entry = (group: Entry['group'], about: string, load: Entry['load']): Entry => ({ group, about, load });

/** Every command by its words, in the order of the help. A test holds `about` to what the command itself says. */
export const commands: Readonly<Record<string, Entry>> = {
  config: entry(
    'project',
    'Print the Compose model: loaded, merged, interpolated',
    async () => (await import('./commands/config.ts')).config,
  ),
  validate: entry(
    'project',
    'Check slipway.yaml and the Compose file, without a server',
    async () => (await import('./commands/validate.ts')).validate,
  ),
  init: entry(
    'project',
    'Make a folder with a Compose file a project: slipway.yaml and the git remote',
    async () => (await import('./commands/init.ts')).init,
  ),
  completion: entry(
    'shell',
    'Print the completion script of a shell',
    async () => (await import('./commands/completion.ts')).completion,
  ),
};

/** Headings of the help, by group. */
export const groups: Readonly<Record<Exclude<Entry['group'], 'hidden'>, string>> = {
  server: 'The server',
  project: 'A project',
  deploy: 'Deploying',
  watch: 'What runs',
  settings: 'Settings of the server',
  shell: 'The shell',
};
