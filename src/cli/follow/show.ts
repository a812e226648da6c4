import type { Screen } from '../output.ts';
import { plain } from '../output.ts';
import { type FollowItem, seenOf } from './deployment.ts';
import { frame, lineOf } from './render.ts';
import { emptyView, next, type View } from './view.ts';

/** How often a terminal is drawn anew where nothing happens: the time goes on. */
const everyMs = 120;

/** Shows a deployment as it goes: drawn anew in place on a terminal, a line an event elsewhere. @returns how it was seen last */
export async function showFollowed(items: AsyncIterable<FollowItem>, screen: Screen): Promise<View> {
  return screen.isTerminal ? showLive(items, screen) : showLines(items, screen);
}

async function showLines(items: AsyncIterable<FollowItem>, screen: Screen): Promise<View> {
  let view = emptyView;
  for await (const item of items) {
    if ('log' in item) screen.write(`${item.log.service} | ${plain(item.log.text)}\n`);
    if (!('event' in item)) continue;
    const seen = seenOf(item.event);
    const line = lineOf(view, seen);
    view = next(view, seen);
    if (line !== null) screen.write(`${line}\n`);
  }
  return view;
}

async function showLive(items: AsyncIterable<FollowItem>, screen: Screen): Promise<View> {
  let view = emptyView;
  let drawn = 0;
  const draw = (above = ''): void => {
    const lines = frame(view, Date.now(), screen.width, screen.paint).slice(0, Math.max(1, screen.height - 1));
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    screen.write(`${up}\x1b[J${above}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const timer = setInterval(() => draw(), everyMs);
  try {
    for await (const item of items) {
      if ('event' in item) view = next(view, seenOf(item.event));
      draw('log' in item ? `${screen.paint.faint(`${item.log.service} |`)} ${plain(item.log.text)}\n` : '');
    }
  } finally {
    clearInterval(timer);
    draw();
  }
  return view;
}
