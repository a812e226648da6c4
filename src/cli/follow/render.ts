import { duration, type Paints, plain, widthOf } from '../output.ts';
import type { Seen, ServiceProgress, Step, View } from './view.ts';
import { next, read, readMoved } from './view.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The view as lines of a terminal, none wider than `width`. `now`: ms since the epoch. */
export function frame(view: View, now: number, width: number, paint: Paints): readonly string[] {
  const { about } = view;
  if (about === null) return [];
  const elapsed = duration((view.endedAt ?? now) - (view.startedAt ?? now));
  const title = `${paint.strong(about.stack)} ${paint.faint(`deployment ${about.deployment}`)} ${statusText(view, paint)} ${paint.faint(elapsed)}`;
  const running = view.steps.at(-1)?.state === 'running';
  return [
    title,
    ...view.steps.map((step) => stepLine(step, now, paint)),
    ...(running ? view.services.map((service) => serviceLine(service, view.services, paint)) : []),
    ...(running && view.message !== null ? [paint.faint(`      ${plain(view.message)}`)] : []),
    ...(view.endedAt !== null && view.reason !== null ? reasonLines(view.reason, paint) : []),
  ].map((line) => cut(line, width));
}

function statusText({ status }: View, paint: Paints): string {
  if (status === 'succeeded') return paint.good(status);
  return status === 'failed' || status === 'rolled-back' ? paint.bad(status) : paint.changed(status ?? '');
}

function stepLine(step: Step, now: number, paint: Paints): string {
  const spin = frames[Math.floor(now / 100) % frames.length] ?? '·';
  const sign = { running: paint.changed(spin), done: paint.good('✓'), failed: paint.bad('✗') }[step.state];
  const time = paint.faint(duration((step.endedAt ?? now) - step.startedAt).padStart(8));
  return `  ${sign} ${step.name.padEnd(9)} ${time}  ${plain(step.note ?? '')}`.trimEnd();
}

function serviceLine(service: ServiceProgress, all: readonly ServiceProgress[], paint: Paints): string {
  const name = service.service.padEnd(Math.max(...all.map((one) => one.service.length)));
  const isReady = service.state === 'ready';
  const bar =
    '■'.repeat(Math.min(service.healthy, 10)) + '□'.repeat(Math.max(0, Math.min(service.wanted, 10) - service.healthy));
  return `      ${isReady ? paint.good('●') : paint.changed('○')} ${name}  ${bar} ${service.healthy}/${service.wanted} ${isReady ? paint.good(service.state) : service.state}`;
}

const reasonLines = (reason: string, paint: Paints): readonly string[] =>
  reason.split('\n').map((line) => paint.bad(`  ${plain(line)}`));

/** Cuts a line that would wrap: a wrapped line would break redrawing. Escapes are kept whole. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let room = Math.max(1, width - 1);
  let out = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escapes begin with one
  for (const part of line.match(/\x1b\[[0-9;]*m|./gsu) ?? []) {
    const isEscape = part.startsWith('\x1b');
    if (!isEscape && room-- <= 0) continue;
    out += part;
  }
  return `${out}…`;
}

/** One event as a line for where nothing can be redrawn; `null` for one that says nothing new. */
export function lineOf(before: View, event: Seen): string | null {
  const after = next(before, event);
  const since = duration(event.at - (after.startedAt ?? event.at)).padStart(8);
  const text = textOf(before, after, event);
  return text === null ? null : `${since}  ${plain(text)}`;
}

function textOf(before: View, after: View, event: Seen): string | null {
  const moved = readMoved(event);
  if (moved !== null) {
    if (moved.status === before.status) return null;
    const where = moved.status === 'queued' ? ` ${moved.stack} (deployment ${moved.deployment}, ${moved.cluster})` : '';
    return `${moved.status}${where}${after.endedAt !== null && moved.reason !== null ? `: ${moved.reason}` : ''}`;
  }
  const changed = read(event, 'deployment.changed');
  if (changed !== null && changed.attempt !== 'test')
    return `${changed.action} ${changed.thing}: ${changed.status}${changed.outcome === null || changed.status === 'done' ? '' : `: ${changed.outcome}`}`;
  if (event.type === 'deployment.progress') {
    const text = progressText(after);
    return text === progressText(before) ? null : text;
  }
  const note = after.steps.find((step, index) => step.note !== before.steps[index]?.note);
  return note === undefined ? null : `${note.name}: ${note.note}`;
}

const progressText = ({ services }: View): string =>
  services.map(({ service, healthy, wanted }) => `${service} ${healthy}/${wanted}`).join('  ');
