import type { Change, FieldChange, Finding } from './change.ts';

type Paint = (text: string) => string;
/** How to colour; each may give the text as it is. */
export interface PlanPaint {
  readonly good: Paint;
  readonly changed: Paint;
  readonly bad: Paint;
  readonly faint: Paint;
  readonly strong: Paint;
}

/** A plan as the API gives it too: values of any kind before and after. */
export interface PrintablePlan {
  readonly changes: readonly (Omit<Change, 'fields'> & { readonly fields: readonly PrintableField[] })[];
  readonly unchanged: readonly unknown[];
  readonly findings: readonly Finding[];
}
type PrintableField = Pick<FieldChange, 'path' | 'cause'> & { readonly before?: unknown; readonly after?: unknown };

/**
 * A plan as people know it from Terraform: `+` create, `~` update in place, `-/+` replace, `-` remove, the fields that differ
 * with before and after, what the engine said, and a line that sums up. Secrets were masked by who made the plan.
 */
export function printPlan(plan: PrintablePlan, paint: PlanPaint): string {
  return [
    ...plan.changes.map((change) => changeText(change, paint)),
    findingsText(plan.findings, paint),
    `${summaryOf(plan, paint)}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}

const signs = {
  create: { sign: '+', verb: 'will be created', paint: 'good' },
  update: { sign: '~', verb: 'will be updated in place', paint: 'changed' },
  replace: { sign: '-/+', verb: 'must be replaced', paint: 'bad' },
  remove: { sign: '-', verb: 'will be removed', paint: 'bad' },
} as const;

function changeText(change: PrintablePlan['changes'][number], paint: PlanPaint): string {
  const { sign, verb, paint: colour } = signs[change.action];
  const head = `${paint[colour](sign.padStart(3))} ${paint.strong(`${change.kind} ${change.name}`)} ${verb} ${paint.faint(`(${change.why})`)}\n`;
  const width = Math.max(0, ...change.fields.map((field) => field.path.length));
  return head + change.fields.map((field) => fieldText(field, width, paint)).join('');
}

function fieldText({ path, before, after, cause }: PrintableField, width: number, paint: PlanPaint): string {
  const sign = before === undefined ? paint.good('+') : after === undefined ? paint.bad('-') : paint.changed('~');
  const moved =
    before === undefined
      ? valueText(after)
      : after === undefined
        ? valueText(before)
        : `${valueText(before)} ${paint.faint('→')} ${valueText(after)}`;
  const drift = cause === 'drift' ? paint.faint(' # changed on the engine') : '';
  return `      ${sign} ${path.padEnd(width)}  ${moved}${drift}\n`;
}

/** A value on one line; a long one is cut, and its length said. */
function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}… (${text.length} characters)`;
}
const longest = 160;

function findingsText(findings: readonly Finding[], paint: PlanPaint): string {
  const groups = [
    ['refused', paint.bad('Cannot be run here'), '✗'],
    ['differs', paint.changed('Runs with a difference'), '!'],
    ['note', paint.faint('Good to know'), '·'],
  ] as const;
  return groups
    .map(([level, title, sign]) => {
      const lines = findings.filter((one) => one.level === level).map((one) => `  ${sign} ${findingText(one)}\n`);
      return lines.length === 0 ? '' : `${title}:\n${lines.join('')}`;
    })
    .filter((text) => text !== '')
    .join('\n');
}

const findingText = ({ service, field, message }: Finding): string =>
  `${service === null ? '' : `${service}: `}${field}: ${message}`;

function summaryOf({ changes, unchanged, findings }: PrintablePlan, paint: PlanPaint): string {
  if (findings.some((one) => one.level === 'refused'))
    return paint.bad('This cannot be deployed: see what cannot be run above.');
  if (changes.length === 0) return paint.good(`No changes: all ${unchanged.length} parts are as they should be.`);
  const parts = (['create', 'update', 'replace', 'remove'] as const)
    .map((action) => [changes.filter((change) => change.action === action).length, action] as const)
    .filter(([n]) => n > 0)
    .map(([n, action]) => `${n} to ${action}`);
  return `${paint.strong('Plan:')} ${[...parts, `${unchanged.length} unchanged`].join(', ')}.`;
}
