import { existsSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '#cli/commands.ts';
import { globalOptions } from '#cli/global-options.ts';
import { findCommand } from '#cli/help.ts';
import { cliPage } from '#cli/page.ts';
import { loadTexts } from '#domain/compose/in-memory.ts';
import { errorTable } from '#domain/errors.ts';
import { eventTypes } from '#domain/events/types.ts';
import { parseProject } from '#domain/project/parse.ts';
import { stackNameOf } from '#domain/project/stack-template.ts';
import { stackFromCompose } from '#domain/stack/from-compose/from-compose.ts';
import { readReport } from '#domain/tests/report.ts';
import { anchorsOf, type Block, linksOf, type Page, pages, root, rowsOf, sayings } from './markdown.ts';

const all = pages();
const page = (path: string): Page => all.find((one) => one.path === path) ?? expect.fail(`there is no ${path}`);
const blocks = (info: string): readonly Block[] =>
  all.flatMap((one) => one.blocks).filter((block) => block.info === info);
const places = (of: readonly Block[]) => of.map((block) => [block.at, block] as const);
const commit = '0123456789abcdef0123456789abcdef01234567';

describe('examples', () => {
  test.each(places(blocks('yaml slipway.yaml')))('the slipway.yaml at %s is right', (at, { text }) => {
    const config = parseProject(text, at, 'shop');
    for (const environment of config.environments) expect(stackNameOf(config, environment, commit)).toMatch(/^[a-z]/);
  });

  test.each(places(blocks('yaml compose.yaml')))('the Compose file at %s is right, on every engine', (_, { text }) => {
    const environment = { DB_PASSWORD: 'x', LOG_LEVEL: 'info', API_KEY: 'k' };
    const loaded = loadTexts({ 'compose.yaml': text }, { environment, strict: true });
    const config = parseProject(undefined, 'slipway.yaml', 'shop');
    for (const artifacts of ['image', 'checkout'] as const) {
      const [first = expect.fail('no environment')] = config.environments;
      const around = { environment: first, commit, root: '/shop', read: () => Buffer.from('x') };
      const { spec } = stackFromCompose({ project: config, loaded, artifacts, ...around });
      expect(spec.services.length).toBeGreaterThan(0);
    }
  });

  test('every block says what it is, so that none goes untested by mistake', () => {
    const known =
      /^(sh|sh run|text|http|json|json report|yaml slipway\.yaml|yaml compose\.yaml|yaml fragment|console|ini)$/;
    const odd = all.flatMap((one) => one.blocks).filter((block) => !known.test(block.info));
    expect(odd.map(({ at, info }) => `${at}: '${info}'`)).toEqual([]);
  });

  test.each(places(all.flatMap((one) => one.blocks).filter((block) => block.info.startsWith('json'))))(
    'the JSON at %s is JSON',
    (_, { text, info }) => {
      JSON.parse(text);
      if (info === 'json report') expect(readReport('web', { body: text }).cases).toHaveLength(2);
    },
  );
});

test('every link leads somewhere', () => {
  const broken = all.flatMap((from) =>
    linksOf(from)
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .filter(({ target }) => !leads(from, target))
      .map(({ target, at }) => `${at}: ${target}`),
  );
  expect(broken).toEqual([]);
});

function leads(from: Page, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const to = path === '' ? from.path : posix.join(dirname(from.path), path);
  if (!existsSync(join(root, to))) return false;
  if (anchor === undefined) return true;
  const known = all.find((one) => one.path === to);
  return known !== undefined && anchorsOf(known).has(anchor);
}

test('every page of the docs can be found from the README', () => {
  const seen = new Set(['README.md']);
  for (const path of seen) {
    const from = all.find((one) => one.path === path);
    for (const { target } of from === undefined ? [] : linksOf(from)) {
      const to = posix.join(dirname(path), target.split('#')[0] ?? '');
      if (!/^[a-z]+:/.test(target)) seen.add(isFolder(to) ? posix.join(to, 'README.md') : to);
    }
  }
  expect(all.map((one) => one.path).filter((path) => !seen.has(path))).toEqual([]);
});

const isFolder = (path: string): boolean => existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();

describe('tables', () => {
  test('troubleshooting lists every error code with its kind and status', () => {
    const told = rowsOf(page('docs/troubleshooting.md'), 'code').map(([code, kind]) => [code, kind]);
    const known = Object.entries(errorTable).map(([code, { kind, status }]) => [`\`${code}\``, `${kind}, ${status}`]);
    expect(told.sort()).toEqual(known.sort());
  });

  test('the API page lists every type of event', () => {
    const [, list = ''] = /<!-- events -->([\s\S]*?)<!-- \/events -->/.exec(page('docs/api.md').text) ?? [];
    const told = [...list.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
    expect(told.sort()).toEqual(Object.keys(eventTypes).sort());
  });
});

describe('commands', () => {
  test('every command that is named exists, with the options it is given', async () => {
    const wrong: string[] = [];
    for (const { words, at } of all.flatMap(sayings)) {
      const problem = await problemOf(words);
      if (problem !== null) wrong.push(`${at}: slipway ${words.join(' ')}: ${problem}`);
    }
    expect(wrong).toEqual([]);
  });

  test('the CLI page is what the commands say', async () => {
    // `npm run cli-page` writes it
    expect(page('docs/cli.md').text).toBe(await cliPage());
  });
});

/** `null` where the words are a command of Slipway's; `<x>` and `...` may stand for anything. */
async function problemOf(words: readonly string[]): Promise<string | null> {
  const [first = ''] = words;
  // a family, as in "variables are set by `slipway env`"
  if (words.length === 1 && Object.keys(commands).some((name) => name.startsWith(`${first} `))) return null;
  if (first.startsWith('<') || ['--help', '--version', '...'].includes(first)) return null;
  try {
    const command = await findCommand(words).entry.load();
    const options = [...command.fields.map(({ flag }) => flag), ...Object.keys(globalOptions)];
    const end = words.indexOf('--');
    const said = (end < 0 ? words : words.slice(0, end)).flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
    const strange = said.filter((option) => !options.includes(option));
    return strange.length === 0 ? null : `no option --${strange.join(', --')}`;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
