import { readFile } from 'node:fs/promises';
import { parseStackName } from '#domain/stack-name.ts';
import { changesOf } from '#store/changes.ts';
import { getDeployment } from '#store/deployments.ts';
import { eventsAfter } from '#store/events.ts';
import { latestStable } from '#store/revisions.ts';
import type { ClusterAdapters } from '#workflows/context.ts';
import type { Heard } from '../support/channel.ts';
import type { Shop } from '../support/shop.ts';
import type { Slipway } from '../support/slipway.ts';

/** How a deployment ended, in words that are the same for the same course: names, ids and times are left out. */
export interface CourseOutcome {
  readonly status: string;
  readonly reason: string;
  readonly revision: number | null;
  /** Every event of the project since, but those of progress, each with how often it came. */
  readonly events: readonly string[];
  readonly changes: readonly string[];
  /** What runs now, by service. */
  readonly running: readonly string[];
  /** What an observer beside Slipway saw happen to each service: starts of processes, or writes to the swarm. */
  readonly seen: readonly string[];
  /** Notices by their words; a second delivery of the same id does not count. */
  readonly notices: readonly string[];
  readonly testStacksLeft: number;
}

export interface Witness {
  readonly slipway: Slipway;
  readonly shop: Shop;
  readonly adapters: ClusterAdapters;
  readonly heard: readonly Heard[];
  /** The last event before the deployment was asked for. */
  readonly since: number;
  /** Lines of the observer, since the deployment was asked for. */
  seen(): Promise<readonly string[]>;
}

export async function outcomeOf(at: Witness, id: number): Promise<CourseOutcome> {
  const store = await at.slipway.store();
  const deployment = await getDeployment(store.db, id);
  const events = await eventsAfter(store.db, at.since, { project: at.shop.name }, 1000);
  const changes = await changesOf(store.db, id);
  const plain = (text: string): string => withoutNames(text, at.shop, deployment.commit);
  const observed = await at.adapters.engine.observe(parseStackName(deployment.stack), AbortSignal.timeout(10_000));
  const tests = new Set(events.flatMap((event) => (event.type === 'tests.started' ? [event.subject] : [])));
  let left = 0;
  for (const stack of tests) {
    const there = await at.adapters.engine.observe(parseStackName(stack), AbortSignal.timeout(10_000));
    if (there.things.length + there.instances.length > 0) left += 1;
  }
  return {
    status: deployment.status,
    reason: plain(deployment.reason ?? ''),
    revision: (await latestStable(store.db, deployment.stack))?.number ?? null,
    events: counted(
      events.filter((event) => event.type !== 'deployment.progress').map((event) => plain(eventLine(event))),
    ),
    changes: changes
      .map((change) => plain(`${change.attempt} ${change.action} ${change.thing}: ${change.status}`))
      .sort(),
    running: observed.instances
      .filter((instance) => instance.state === 'running')
      .map(
        (instance) => `${instance.service}.${instance.slot} ${instance.health} ${instance.current ? 'current' : 'old'}`,
      )
      .sort(),
    seen: counted((await at.seen()).map(plain)),
    notices: [...new Map(at.heard.map((notice) => [notice.id, plain(notice.text)])).values()].sort(),
    testStacksLeft: left,
  };
}

/** What is otherwise than it was, a line each: `- events …` is no longer there, `+ events …` is new. */
export function differences(was: CourseOutcome, is: CourseOutcome): readonly string[] {
  const linesOf = (outcome: CourseOutcome) =>
    Object.entries(outcome).flatMap(([field, value]) => [value].flat().map((each) => `${field} ${each}`));
  const [before, now] = [linesOf(was), linesOf(is)];
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
}

function eventLine(event: { readonly type: string; readonly data: unknown }): string {
  const { thing = '', attempt = '', status = '' } = event.data as { thing?: string; attempt?: string; status?: string };
  return `${event.type} ${attempt} ${thing} ${event.type === 'deployment.changed' ? status : ''}`.trim();
}

/** `line`, or `line × 2`. */
export function counted(lines: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} × ${count}`)).sort();
}

/** Commits, the project's name, the test stack's number and versions of files become words. */
function withoutNames(text: string, shop: Shop, commit: string | null): string {
  const short = commit?.slice(0, 12) ?? '∅';
  return text
    .replaceAll(new RegExp(`${shop.name}-t\\d+(-\\d+)?(-[0-9a-f]{4})?`, 'g'), 'TEST')
    .replaceAll(`${shop.name}-prod`, 'LIVE')
    .replaceAll(shop.name, 'SHOP')
    .replaceAll(commit ?? '∅', 'COMMIT')
    .replaceAll(short, 'COMMIT')
    .replaceAll(/\b[0-9a-f]{40}\b|(?<=commit )[0-9a-f]{12}\b/g, 'EARLIER')
    .replaceAll(/(settings_)[0-9a-f]+/g, '$1VERSION');
}

/** Starts of processes, as the workloads themselves wrote them down: one line an instance, `× 2` if one came up twice. */
export async function startsIn(shop: Shop): Promise<readonly string[]> {
  const text = await readFile(shop.starts, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { instance, commit } = JSON.parse(line) as { instance: string; commit: string };
      const [stack, service, slot] = instance.split('/').slice(-4);
      return `${stack}/${service}.${slot} started with ${commit}`;
    });
}
