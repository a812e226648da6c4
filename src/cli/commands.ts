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
  up: entry('server', 'Run the server', async () => (await import('./commands/up.ts')).up),
  down: entry(
    'server',
    'Stop the server; what is deployed goes on running',
    async () => (await import('./commands/down.ts')).down,
  ),
  systemd: entry(
    'server',
    'Print a systemd unit that runs the server',
    async () => (await import('./commands/systemd.ts')).systemd,
  ),
  login: entry(
    'server',
    'Keep the token of a server, so that further commands ask that server',
    async () => (await import('./commands/login.ts')).login,
  ),
  init: entry(
    'project',
    'Make a folder with a Compose file a project: slipway.yaml and the git remote',
    async () => (await import('./commands/init.ts')).init,
  ),
  validate: entry(
    'project',
    'Check slipway.yaml and the Compose file, without a server',
    async () => (await import('./commands/validate.ts')).validate,
  ),
  config: entry(
    'project',
    'Print the Compose model: loaded, merged, interpolated',
    async () => (await import('./commands/config.ts')).config,
  ),
  plan: entry(
    'deploy',
    'Say what deploying HEAD would change: nothing is built or written',
    async () => (await import('./commands/plan.ts')).plan,
  ),
  deploy: entry(
    'deploy',
    'Deploy HEAD of this checkout, and follow it',
    async () => (await import('./commands/deploy.ts')).deploy,
  ),
  show: entry(
    'deploy',
    'Show a deployment: its steps, tests and changes; --follow as it goes',
    async () => (await import('./commands/show.ts')).show,
  ),
  deployments: entry(
    'deploy',
    'List deployments, newest first',
    async () => (await import('./commands/deployments.ts')).deployments,
  ),
  cancel: entry(
    'deploy',
    'Cancel a deployment; a stack that it has begun to change returns to its stable release',
    async () => (await import('./commands/stack.ts')).cancel,
  ),
  rollback: entry(
    'deploy',
    'Return a stack to its stable release before the present one, or to the one given',
    async () => (await import('./commands/stack.ts')).rollback,
  ),
  rm: entry(
    'deploy',
    'Remove a stack; its volumes, with their data, only with --volumes',
    async () => (await import('./commands/stack.ts')).rm,
  ),
  render: entry(
    'deploy',
    'Print the stable release of a stack as a stack.yml for `docker stack deploy`',
    async () => (await import('./commands/render.ts')).render,
  ),
  ps: entry(
    'watch',
    'List stacks, their services and instances as they are now',
    async () => (await import('./commands/ps.ts')).ps,
  ),
  logs: entry(
    'watch',
    'Print the output of a stack’s instances',
    async () => (await import('./commands/logs.ts')).logs,
  ),
  exec: entry(
    'watch',
    'Run a command beside an instance of a service: slipway exec shop-production web -- ls -l',
    async () => (await import('./commands/exec.ts')).exec,
  ),
  events: entry(
    'watch',
    'Print what happened, as CloudEvents with --json; -f goes on with what comes',
    async () => (await import('./commands/events.ts')).events,
  ),
  'project ls': entry('settings', 'List projects', async () => (await import('./commands/project.ts')).projectLs),
  'project add': entry(
    'settings',
    'Make a project; with a git URL or path its commits can be fetched from there',
    async () => (await import('./commands/project.ts')).projectAdd,
  ),
  'project fetch': entry(
    'settings',
    'Fetch a project’s branches and tags from its source, and deploy what they say',
    async () => (await import('./commands/project.ts')).projectFetch,
  ),
  'cluster add': entry(
    'settings',
    'Register a Docker Swarm; where the engine is in none, offer `swarm init`',
    async () => (await import('./commands/cluster.ts')).clusterAdd,
  ),
  'cluster ls': entry(
    'settings',
    'List clusters, with their nodes',
    async () => (await import('./commands/cluster.ts')).clusterLs,
  ),
  'cluster rm': entry(
    'settings',
    'Forget a cluster on which no stack runs; the cluster itself is left as it is',
    async () => (await import('./commands/cluster.ts')).clusterRm,
  ),
  'env set': entry(
    'settings',
    'Set a variable or secret of an environment; the value comes from the standard input or a file',
    async () => (await import('./commands/env.ts')).envSet,
  ),
  'env ls': entry(
    'settings',
    'List the variables of an environment; secrets without their values',
    async () => (await import('./commands/env.ts')).envLs,
  ),
  'env rm': entry(
    'settings',
    'Remove variables or secrets of an environment',
    async () => (await import('./commands/env.ts')).envRm,
  ),
  'registry login': entry(
    'settings',
    'Keep the credentials of a container registry: they reach builds and nodes',
    async () => (await import('./commands/registry.ts')).registryLogin,
  ),
  'registry ls': entry(
    'settings',
    'List registries whose credentials are kept',
    async () => (await import('./commands/registry.ts')).registryLs,
  ),
  'registry rm': entry(
    'settings',
    'Forget the credentials of a registry',
    async () => (await import('./commands/registry.ts')).registryRm,
  ),
  'channel add': entry(
    'settings',
    'Make a channel for notices: a Slack-compatible webhook, whose URL comes from the standard input',
    async () => (await import('./commands/channel.ts')).channelAdd,
  ),
  'channel ls': entry('settings', 'List channels', async () => (await import('./commands/channel.ts')).channelLs),
  'channel rm': entry('settings', 'Remove a channel', async () => (await import('./commands/channel.ts')).channelRm),
  'channel test': entry(
    'settings',
    'Send a test notice to a channel now',
    async () => (await import('./commands/channel.ts')).channelTest,
  ),
  completion: entry(
    'shell',
    'Print the completion script of a shell',
    async () => (await import('./commands/completion.ts')).completion,
  ),
  'git-credential': entry(
    'hidden',
    'Answer git with the token of a server (for git itself)',
    async () => (await import('./commands/git-credential.ts')).gitCredential,
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
