import type { Engine } from '#adapters/engines/contract.ts';
import { SlipwayError } from '#domain/errors.ts';
import { rolloutHint } from '#domain/rollout/hint.ts';
import { goalOf } from '#domain/rollout/rollout.ts';
import { mask } from '#domain/secret.ts';
import type { StackSpec } from '#domain/stack/spec.ts';
import { attemptOf } from '#store/attempts.ts';
import { type Context, secretsOf } from './context.ts';
import { type EndedRollout, follow } from './follow.ts';
import { lastLines } from './last-lines.ts';
import type { Bring } from './planning.ts';
import { progressReporter } from './progress.ts';

/**
 * Follows the given services of an attempt to the end of their rollout. @param stabilityMs for all of them, in place of
 * their own. @returns those without a health check. @throws SlipwayError `deploy.failed` with the engine's reason and the last lines.
 */
export async function watchServices(
  context: Context,
  order: Bring,
  services: readonly string[],
  signal: AbortSignal,
  stabilityMs?: number,
): Promise<readonly string[]> {
  const { store } = context;
  const row = await store.read((db) => attemptOf(db, store.key, order.deployment, order.attempt));
  if (!row || row.startedAt === null || row.deadlineAt === null)
    throw new SlipwayError('internal', `deployment ${order.deployment} has no plan`);
  const { spec, startedAt, deadlineAt } = row;
  const { engine } = await context.cluster(order.cluster);
  // a test stack lives for its tests: what is healthy is asked at once
  const window = order.attempt === 'test' ? 0 : stabilityMs;
  const goals = spec.services
    .filter((service) => services.includes(service.name))
    .map((service) => ({ ...goalOf(service), ...(window === undefined ? {} : { stabilityMs: window }) }));
  const report = progressReporter(context, order, goals);
  const end = await follow({ engine, stack: spec.name, goals, startedAt, deadline: deadlineAt, report }, signal);
  if (end.at === 'done') return end.unchecked;
  throw await rolloutError(context, engine, spec, end, signal);
}

async function rolloutError(
  context: Context,
  engine: Engine,
  spec: StackSpec,
  end: Extract<EndedRollout, { at: 'failed' }>,
  signal: AbortSignal,
): Promise<SlipwayError> {
  const parts: string[] = [];
  for (const failure of end.failures) {
    const lines = await lastLines(engine, spec.name, failure, signal);
    parts.push([`${failure.service}: ${failure.why}`, ...lines.map((line) => `  | ${line}`)].join('\n'));
  }
  const secrets = await secretsOf(context, spec.project);
  return new SlipwayError(
    'deploy.failed',
    mask(parts.join('\n'), secrets),
    rolloutHint(end.failures.map((failure) => failure.why)),
  );
}
