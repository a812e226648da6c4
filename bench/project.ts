import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** A Compose file of so many services that build nothing and have no health check, as `docker stack deploy` takes it too. */
export function composeOf(count: number, image: string, replicas: number): string {
  const services = Array.from(
    { length: count },
    (_, index) => `  s${index}:
    image: ${image}
    command: ["sleep", "1000000"]
    init: true
    environment: { INDEX: "${index}" }
    deploy: { replicas: ${replicas}, endpoint_mode: dnsrr }
`,
  );
  return `version: "3.8"\nservices:\n${services.join('')}`;
}

/** A repository with such a project in it: nothing of it is deployed by a push. */
export interface Project {
  readonly name: string;
  /** The name of its only environment's stack. */
  readonly stack: string;
  readonly folder: string;
  readonly commit: string;
  remove(): Promise<void>;
}

export async function makeProject(name: string, compose: string): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const git = (...argv: readonly string[]) =>
    run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', ...argv], { cwd: folder });
  await writeFile(join(folder, 'compose.yaml'), compose);
  await writeFile(join(folder, 'slipway.yaml'), slipwayFile(name));
  await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-q', '-m', 'bench');
  const commit = (await git('rev-parse', 'HEAD')).trim();
  return { name, stack: `${name}-bench`, folder, commit, remove: () => rm(folder, { recursive: true, force: true }) };
}

const slipwayFile = (name: string): string => `project: ${name}
environments:
  bench:
    deployOn: { branch: deployed-by-hand-only }
    cluster: bench
`;

/** Pushes the project to the server, without a prompt or a helper of this machine. */
export async function push(project: Project, server: { readonly url: string; readonly token: string }): Promise<void> {
  const credentials = Buffer.from(`token:${server.token}`).toString('base64');
  const header = `http.extraHeader=Authorization: Basic ${credentials}`;
  await run('git', ['-c', header, 'push', '-q', `${server.url}/git/${project.name}.git`, 'main'], {
    cwd: project.folder,
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
  });
}
