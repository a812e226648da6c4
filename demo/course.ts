import { join } from 'node:path';
import { linkedTo } from '#adapters/within.ts';
import type { Screen } from '#cli/output.ts';
import type { Folder } from './folder.ts';
import { type Followed, follow } from './follow.ts';
import { type Ground, localGround } from './ground.ts';
import type { Options } from './options.ts';
import { pageWith } from './page.ts';
import { freePort } from './port.ts';
import { expectNoProcessIn } from './processes.ts';
import { makeRepository, type Repository } from './repository.ts';
import { done, during, failed, quote, title } from './screen.ts';
import { dataOf, logOf, type RunningSlipway, startSlipway, stopSlipway } from './slipway.ts';
import { compared, type RunningInstance, runningInstances } from './stack.ts';
import { swarmGround } from './swarm.ts';
import { Trouble, told } from './trouble.ts';

const heading = 'Good things, second hand';
const newHeading = 'Good things, fresh off the quay';

/** What a run of the demo works with. */
export interface Course {
  readonly options: Options;
  readonly screen: Screen;
  /** What the bootstrap has found. */
  readonly ready: string;
  readonly folder: Folder;
  /** Aborted when somebody wants it to end. */
  readonly signal: AbortSignal;
}

/** The demo from its beginning to its end. Whatever happens, what it started is stopped. @throws Trouble, or what a part threw */
export async function course(course: Course): Promise<void> {
  const { options, screen, ready, folder, signal } = course;
  title(screen, `Slipway: from a git push to running services (${options.engine})`);
  done(screen, ready);
  const startedAt = Date.now();
  const { controller: ending, release } = linkedTo(signal);
  const going: Course = { ...course, signal: ending.signal };
  let slipway: RunningSlipway | undefined;
  let ground: Ground | undefined;
  try {
    slipway = await during(screen, 'Slipway starts', startSlipway(folder.path, ending));
    done(screen, `Slipway is up at ${slipway.url}, with its own PostgreSQL`, startedAt);
    ground = options.engine === 'swarm' ? await swarmGround({ ...going, slipway }) : localGround;
    const repository = await twoPushes(going, slipway, ground);
    if (!options.once) await lookAround(going, repository);
  } catch (thrown) {
    screen.write('\n');
    throw thrown;
  } finally {
    release();
    await clear(course, slipway, ground);
  }
}

async function twoPushes(course: Course, slipway: RunningSlipway, ground: Ground): Promise<Repository> {
  const { screen, folder, signal } = course;
  const port = await freePort(8080);
  const path = join(folder.path, 'marketplace');
  const repository = await makeRepository(path, slipway, ground, signal);
  await setWebPort(slipway, ground.project, port);
  done(screen, `a copy of samples/marketplace in a git repository: ${path}`);

  title(screen, '1. git push: the marketplace is built, tested and deployed');
  const first = await pushed(course, slipway, repository, 'A small marketplace');
  const before = await runningInstances(slipway, first.stack);
  const url = urlOf(before);
  await pageWith(url, heading, signal);
  showServices(screen, before);

  title(screen, '2. a second commit that touches one service: the heading of the web page');
  repository.change('services/web/pages.js', heading, newHeading);
  const second = await pushed(course, slipway, repository, 'A new heading');
  const after = await runningInstances(slipway, second.stack);
  await pageWith(url, newHeading, signal);
  done(screen, `${url} says '${newHeading}'`);
  showKept(screen, second, before, after, await ground.endings());
  return repository;
}

async function setWebPort({ api }: RunningSlipway, project: string, port: number): Promise<void> {
  await api.POST('/v1/projects', { body: { name: project } });
  const path = { project, environment: 'production', name: 'WEB_PORT' };
  const body = { value: String(port), secret: false };
  await api.PUT('/v1/projects/{project}/environments/{environment}/variables/{name}', { params: { path }, body });
}

async function pushed(
  { screen, options, signal }: Course,
  slipway: RunningSlipway,
  repository: Repository,
  message: string,
): Promise<Followed> {
  const commit = await repository.commit(message);
  screen.write(`  ${screen.paint.faint('$')} git push slipway main\n`);
  await repository.push((line) => quote(screen, line));
  screen.write('\n');
  return follow(slipway, commit, screen, { limitMs: options.limitMs, signal });
}

function urlOf(instances: readonly RunningInstance[]): string {
  const address = instances.find((instance) => instance.service === 'web')?.addresses[0];
  if (address === undefined) throw new Trouble('the service web is published nowhere');
  return `http://${address}`;
}

function showServices(screen: Screen, instances: readonly RunningInstance[]): void {
  screen.write('\n');
  for (const { service, addresses } of instances) {
    const where = addresses.map((address) => `http://${address}`).join(' ');
    screen.write(`    ${service.padEnd(12)} ${where || screen.paint.faint('runs, for the other services only')}\n`);
  }
}

/** Shows what became of each service, and holds it to the promise: only `web` was built, and only `web` was replaced. */
function showKept(
  screen: Screen,
  { built }: Followed,
  before: readonly RunningInstance[],
  after: readonly RunningInstance[],
  endings: readonly string[],
): void {
  const fates = compared(before, after);
  const of = (instances: readonly RunningInstance[], service: string): string =>
    instances
      .filter((instance) => instance.service === service)
      .map(({ id }) => (id.startsWith(`${service}.`) ? id.slice(service.length + 1) : id.slice(0, 12)))
      .join(' ');
  screen.write('\n');
  for (const [service, fate] of fates) {
    const [was, is] = [of(before, service), of(after, service)];
    const text = fate === 'kept' ? screen.paint.faint(`${is} runs on`) : `${screen.paint.faint(`${was} →`)} ${is}`;
    screen.write(`    ${service.padEnd(12)} ${text}\n`);
  }
  screen.write('\n');
  const replaced = [...fates].filter(([, fate]) => fate === 'replaced').map(([service]) => service);
  if (built.join() !== 'web')
    throw new Trouble(`built: ${built.join(', ') || 'nothing'}, and it should have been web alone`);
  if (replaced.join() !== 'web')
    throw new Trouble(
      `replaced: ${replaced.join(', ') || 'nothing'}, and it should have been web alone`,
      endings.map((line) => `the engine says: ${line}`).join('\n'),
    );
  done(screen, `only web was built and replaced; the other ${fates.size - 1} kept their instances`);
}

/** Stays until Ctrl-C. @throws Trouble when Slipway ends before */
async function lookAround({ screen, folder, signal }: Course, repository: Repository): Promise<void> {
  const { paint } = screen;
  title(screen, 'Look around');
  screen.write(
    [
      `  ${paint.faint('change something, commit it, and git push slipway main:')}`,
      `    cd ${repository.path}`,
      `  ${paint.faint('ask this Slipway, from here: ps, logs, deployments, show, plan, rollback, --help')}`,
      `    export SLIPWAY_DATA=${dataOf(folder.path)}`,
      '    npm run slipway -- ps',
      `  ${paint.faint('what it logs:')}`,
      `    ${logOf(folder.path)}`,
      `\n  ${paint.strong('Ctrl-C')} stops everything.\n`,
    ].join('\n'),
  );
  // a timer keeps the process alive while it waits for a signal
  const awake = setInterval(() => undefined, 60_000);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  clearInterval(awake);
  if (signal.reason instanceof Trouble) throw signal.reason;
}

/** Stops and removes everything, each part even when one before it failed. @throws Trouble with all that failed */
async function clear(
  { screen, folder, options }: Course,
  slipway: RunningSlipway | undefined,
  ground: Ground | undefined,
): Promise<void> {
  const startedAt = Date.now();
  const troubles: string[] = [];
  const attempt = async (act: () => Promise<void> | void): Promise<void> => {
    try {
      await act();
    } catch (thrown) {
      troubles.push(told(thrown).message);
    }
  };
  const all = async (): Promise<void> => {
    if (slipway && ground) await attempt(async () => ground.clear(slipway.isUp() ? slipway : await startAgain(folder)));
    await attempt(() => stopSlipway(folder.path));
    await attempt(() => expectNoProcessIn(folder.path));
    await attempt(() => folder.remove());
  };
  await during(screen, 'everything is stopped', all());
  if (troubles.length === 0) {
    const kept = options.folder === null ? ' and removed' : `; what it wrote is in ${folder.path}`;
    done(screen, `everything is stopped${kept}`, startedAt);
    return;
  }
  failed(screen, `not everything could be stopped:\n${troubles.join('\n')}`, '');
  throw new Trouble('the demo did not end cleanly');
}

/** What was deployed to a cluster is removed by Slipway: by another start of it, where it has ended. */
const startAgain = (folder: Folder): Promise<RunningSlipway> => startSlipway(folder.path, new AbortController());
