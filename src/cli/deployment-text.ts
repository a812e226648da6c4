import type { Schema } from '#client/client.ts';
import { duration, type Paints, plain, type Screen, table } from './output.ts';

type Deployment = Schema<'Deployment'> | Schema<'DeploymentDetail'>;

/** A deployment in words: what it is, how it went, what it changed. */
export function deploymentText(deployment: Deployment, { paint }: Screen): string {
  const facts: (readonly [string, string])[] = [
    ['stack', `${deployment.stack} (${deployment.environment}, cluster ${deployment.cluster})`],
    ['status', `${statusOf(deployment.status, paint)}${tookOf(deployment)}`],
    ['commit', `${(deployment.commit ?? '-').slice(0, 12)}${deployment.ref === null ? '' : ` ${deployment.ref}`}`],
    ['asked for', `${deployment.kind} by ${deployment.requestedBy}, ${deployment.createdAt}`],
  ];
  const reason = deployment.reason === null ? '' : `${paint.bad(plain(deployment.reason))}\n`;
  const head = `${paint.strong(`deployment ${deployment.id}`)}\n`;
  return `${head}${facts.map(([name, value]) => `  ${name.padEnd(10)} ${value}\n`).join('')}${reason}${detailOf(deployment)}`;
}

function detailOf(deployment: Deployment): string {
  if (!('changes' in deployment)) return '';
  const tests = deployment.tests.map((run) => `  test run ${run.id} on ${run.stack}: ${run.status}\n`);
  const changes = deployment.changes.filter((change) => change.attempt !== 'test');
  const rows = changes.map((change) => [change.action, change.thing, change.status, change.outcome ?? '']);
  return `${tests.join('')}${rows.length === 0 ? '' : `\n${table(['action', 'what', 'status', ''], rows)}`}`;
}

function tookOf({ startedAt, createdAt, endedAt }: Deployment): string {
  return endedAt === null ? '' : ` after ${duration(Date.parse(endedAt) - Date.parse(startedAt ?? createdAt))}`;
}

/** A status in its colour. */
export function statusOf(status: string, paint: Paints): string {
  if (status === 'succeeded') return paint.good(status);
  return ['failed', 'rolled-back'].includes(status) ? paint.bad(status) : paint.changed(status);
}
