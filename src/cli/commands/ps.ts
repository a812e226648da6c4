import { z } from 'zod';
import { answer, type Schema } from '#client/client.ts';
import { command } from '../command.ts';
import { duration, type Paints, plain, table } from '../output.ts';
import { listOf, stack as stackSchema } from '../schemas.ts';

type Stack = Schema<'Stack'> | Schema<'StackDetail'>;

/** `slipway ps`: what runs, where it can be reached, and how it is. */
export const ps = command({
  name: 'ps [stack]',
  about: 'List stacks, their services and instances as they are now',
  args: z.object({
    stack: z.string().optional().describe('Only this one, with its revisions'),
    project: z.string().optional().describe('Only of this project').meta({ short: 'p' }),
  }),
  result: listOf(stackSchema),
  run: async ({ stack, project }, { api }) => {
    if (stack !== undefined)
      return { items: [await answer(api.GET('/v1/stacks/{stack}', { params: { path: { stack } } }))] };
    const query = { limit: 500, ...(project === undefined ? {} : { project }) };
    return { items: (await answer(api.GET('/v1/stacks', { params: { query } }))).items };
  },
  show: ({ items }, { paint }) =>
    items.length === 0
      ? 'nothing runs yet: `slipway deploy`, or push to the remote `slipway`'
      : (items as Stack[]).map((stack) => stackText(stack, paint)).join('\n'),
});

function stackText(stack: Stack, paint: Paints): string {
  const commit = stack.release === null ? '' : ` ${stack.release.commit.slice(0, 12)}`;
  const head = `${paint.strong(stack.name)}${commit}  ${paint.faint(`${stack.environment} on ${stack.cluster}`)}\n`;
  const unreachable = stack.reachable ? '' : paint.bad(`  its cluster does not answer: ${stack.why}\n`);
  const rows = stack.services.flatMap((service) => serviceRows(service, paint));
  return `${head}${unreachable}${indent(table(['service', 'instance', 'state', 'address', 'node', 'since'], rows))}${revisionsText(stack)}`;
}

function serviceRows(service: Schema<'Service'>, paint: Paints): string[][] {
  const missing = service.instances.length === 0;
  if (missing) return [[service.name, '-', paint.bad(`none of ${service.wanted}`), '', '', '']];
  return service.instances.map((instance) => [
    service.name,
    instance.slot,
    stateText(instance, paint),
    instance.addresses.join(' '),
    instance.node ?? '',
    duration(Date.now() - Date.parse(instance.since)),
  ]);
}

function stateText({ state, health, message }: Schema<'Instance'>, paint: Paints): string {
  if (state === 'running' && health === 'unchecked') return paint.good('running, unchecked');
  if (state === 'running') return health === 'healthy' ? paint.good('healthy') : paint.changed(`running, ${health}`);
  const said = message === null ? state : `${state}: ${plain(message).split('\n')[0]}`;
  return state === 'failed' ? paint.bad(said) : said;
}

function revisionsText(stack: Stack): string {
  if (!('revisions' in stack) || stack.revisions.length === 0) return '';
  const rows = stack.revisions.map((one) => [
    `${one.number === stack.stableRevision ? '*' : ' '} ${one.number}`,
    (one.commit ?? '-').slice(0, 12),
    String(one.deployment),
    one.stableAt,
  ]);
  return `\n${indent(table(['revision', 'commit', 'deployment', 'stable since'], rows))}`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
