import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SlipwayError } from '#domain/errors.ts';
import type { Artifact } from '#domain/stack/spec.ts';
import { shareWork } from '../../share-work.ts';
import { buildFailed, diskFull } from '../build-failed.ts';
import type { Builder, BuildOrder } from '../contract.ts';
import { copyFiles, protect } from './copy.ts';
import { runInstall } from './install.ts';

export interface CheckoutBuilderOptions {
  readonly artifactsDirectory: string;
  /** How long an install step may take. Default 30 minutes. */
  readonly installTimeoutMs?: number;
}

/**
 * Builds for the local engine: `<artifactsDirectory>/<key>` holds the files of the build's context at the places that
 * they have in the checkout (so that a service may reach what its context shares with others), and what the install
 * step made of them. A service runs in `<artifactsDirectory>/<key>/<local.directory>`. The folder appears whole or not
 * at all, is never written again, and names the commit that it was first built from.
 */
export function checkoutBuilder({
  artifactsDirectory,
  installTimeoutMs = 30 * 60_000,
}: CheckoutBuilderOptions): Builder {
  const root = resolve(artifactsDirectory);
  const building = shareWork<Artifact>();
  const own = new Set<string>();
  let swept: Promise<void> | undefined;

  async function make(order: BuildOrder, output: (line: string) => void, signal: AbortSignal): Promise<Artifact> {
    const folder = join(root, order.key);
    const temporary = `${folder}${partial}${randomUUID()}`;
    own.add(temporary);
    try {
      await mkdir(temporary, { recursive: true });
      await fill(order, temporary, installTimeoutMs, output, signal);
      await rename(temporary, folder).catch(async (error) => {
        if (!(await isFolder(folder))) throw error; // else another process was faster
      });
    } catch (error) {
      throw signal.aborted || error instanceof SlipwayError ? error : (diskFull(String(error), error) ?? error);
    } finally {
      own.delete(temporary);
      await rm(temporary, removal);
    }
    return existing(folder, order);
  }

  return {
    kind: 'checkout',
    async build(order, output, signal) {
      checkKey(order.key);
      swept ??= sweep(root, own);
      await swept;
      const folder = join(root, order.key);
      if (await isFolder(folder)) {
        output(`${order.request.service}: ${order.key.slice(0, 12)} is there already`);
        return existing(folder, order);
      }
      return building.run(order.key, signal, (shared) => make(order, output, shared));
    },
    has: async (artifact) => artifact.kind === 'checkout' && isFolder(join(root, checkKey(artifact.key))),
    async remove(artifact) {
      if (artifact.kind !== 'checkout') return true;
      const folder = join(root, checkKey(artifact.key));
      const going = `${folder}${partial}${randomUUID()}`;
      own.add(going);
      try {
        // whole or not at all: a server that dies half-way leaves what the next one sweeps away
        await rename(folder, going);
        await rm(going, removal);
      } catch (error) {
        if (!isMissing(error)) throw error;
      } finally {
        own.delete(going);
      }
      return true;
    },
  };
}

const partial = '.part-';
const note = '.slipway.json';
const removal = { recursive: true, force: true, maxRetries: 5 };

async function fill(
  order: BuildOrder,
  folder: string,
  timeoutMs: number,
  output: (line: string) => void,
  signal: AbortSignal,
) {
  const { service } = order.request;
  await copyFiles(order.checkout, order.files, folder, signal);
  output(`${service}: ${order.files.length} files of ${order.commit.slice(0, 12)}`);
  if (order.local) await install(order, order.local, folder, timeoutMs, output, signal);
  await protect(folder, signal);
  await writeFile(join(folder, note), `${JSON.stringify({ key: order.key, commit: order.commit, service })}\n`);
}

async function install(
  order: BuildOrder,
  local: NonNullable<BuildOrder['local']>,
  folder: string,
  timeoutMs: number,
  output: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { service, context } = order.request;
  const place = resolve(folder, local.directory);
  const inside = place === folder || place.startsWith(`${folder}/`);
  if (!inside || !(await isFolder(place)))
    throw buildFailed(
      `service ${service}: its folder ${local.directory} is not among the files of its build context ${context}`,
      [],
      'correct x-slipway.local.directory',
    );
  if (!local.install || local.install.length === 0) return;
  output(`${service}: ${local.install.join(' ')}`);
  await runInstall({ service, argv: local.install, folder: place, timeoutMs }, output, signal);
}

async function existing(folder: string, order: BuildOrder): Promise<Artifact> {
  const text = await readFile(join(folder, note), 'utf8').catch(() => '{}');
  const commit = /"commit":"([0-9a-f]+)"/.exec(text)?.[1];
  return { kind: 'checkout', key: order.key, commit: commit ?? order.commit };
}

/** Removes what builds of a server that died left behind; an install step of then may still be writing there. */
async function sweep(root: string, own: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(root).catch(() => []))
    if (name.includes(partial) && !own.has(join(root, name))) await rm(join(root, name), removal).catch(() => {});
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function checkKey(key: string): string {
  if (/^[A-Za-z0-9_-]{8,128}$/.test(key)) return key;
  throw new SlipwayError('internal', `${JSON.stringify(key)} is not the key of a build`);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
