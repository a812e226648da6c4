import type { EventData, EventType, RecordedEvent } from './types.ts';

/** A message to people. `id` is stable: who gets it twice can tell. */
export interface Notice {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly level: 'good' | 'bad' | 'info';
  readonly link: string | null;
}

/** Does a rule's list of event types (`deployment.succeeded`, `tests.*`, `*`) name this one? */
export function matchesRule(on: readonly string[], type: string): boolean {
  return on.some(
    (pattern) =>
      pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  );
}

/** What people are told of an event. `services`: those that changed. Source: requirement 12.2. */
export function noticeOf(event: RecordedEvent, services: readonly string[], publicUrl: string | null): Notice {
  const link =
    publicUrl !== null && event.deployment !== null ? `${publicUrl}/v1/deployments/${event.deployment}` : null;
  return { id: event.id, level: levelOf(event.type), link, ...wording(event, services) };
}

function levelOf(type: string): Notice['level'] {
  if (/\.(failed|rolled-back)$/.test(type)) return 'bad';
  return /\.(succeeded|passed)$/.test(type) ? 'good' : 'info';
}

function wording(event: RecordedEvent, services: readonly string[]): Pick<Notice, 'title' | 'lines'> {
  if (is(event, 'tests.passed')) return { title: `${event.data.project}: tests passed`, lines: [testLine(event.data)] };
  if (is(event, 'tests.failed'))
    return {
      title: `${event.data.project}: tests failed`,
      lines: [testLine(event.data), ...event.data.reason.split('\n')],
    };
  if (is(event, 'deployment.succeeded') || is(event, 'deployment.failed') || is(event, 'deployment.rolled-back'))
    return moved(event, services);
  return { title: `${event.subject}: ${event.type}`, lines: [] };
}

function testLine({ totals, commit, coverage }: EventData<'tests.passed'>): string {
  const covered = coverage === null ? '' : `, ${coverage} % of lines covered`;
  return `commit ${commit.slice(0, 12)}: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped${covered}`;
}

function moved(
  event: RecordedEvent & { readonly data: EventData<'deployment.succeeded'> },
  services: readonly string[],
): Pick<Notice, 'title' | 'lines'> {
  const { stack, environment, cluster, commit, reason, status } = event.data;
  const what = { succeeded: 'deployed', 'rolled-back': 'failed and was rolled back' }[status as string] ?? status;
  const which = services.length === 0 ? [] : [`${services.join(', ')} → ${environment} (${cluster})`];
  return {
    title: `${stack} ${what}`,
    lines: [
      ...which,
      ...(commit === null ? [] : [`commit ${commit.slice(0, 12)}`]),
      ...(reason ?? '').split('\n').filter((line) => line !== ''),
    ],
  };
}

const is = <T extends EventType>(
  event: RecordedEvent,
  type: T,
): event is RecordedEvent & { readonly data: EventData<T> } => event.type === type;
