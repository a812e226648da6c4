import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type SlipwayClient, slipwayClient } from '#client/client.ts';
import { startServer } from '../../src/main.ts';

/** A whole server in this process, with its client. */
export interface ApiServer {
  readonly url: string;
  readonly token: string;
  readonly data: string;
  readonly api: SlipwayClient;
  /** Resolves when it has stopped by itself. */
  readonly stopped: Promise<void>;
  dispose(): Promise<void>;
}

export async function startApiServer(): Promise<ApiServer> {
  const data = await mkdtemp(join(tmpdir(), 'slipway-api-'));
  const server = await startServer({
    dataDirectory: data,
    databaseUrl: null,
    host: '127.0.0.1',
    port: 0,
    log: () => {},
  });
  const token = (await readFile(join(data, 'token'), 'utf8')).trim();
  return {
    url: server.url,
    token,
    data,
    api: slipwayClient({ url: server.url, token }),
    stopped: server.stopped,
    dispose: async () => {
      await server.stop({ all: true });
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A git repository of the given files, with one commit on `main`. */
export interface Repository {
  readonly folder: string;
  /** Writes files, commits them, and gives the commit. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

export async function makeRepository(): Promise<Repository> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-repository-'));
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const git = async (...args: readonly string[]) =>
    (
      await promisify(execFile)('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
        cwd: folder,
        env,
      })
    ).stdout;
  await git('init', '-q', '-b', 'main');
  return {
    folder,
    commit: async (files) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await git('add', '-A');
      await git('commit', '-q', '--allow-empty', '-m', 'a change');
      return (await git('rev-parse', 'HEAD')).trim();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
