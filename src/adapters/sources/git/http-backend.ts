import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { delimiter, dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { SlipwayError } from '#domain/errors.ts';
import { endGroup } from '../../end-group.ts';
import { type CgiHead, cgiHeadReader } from './cgi-head.ts';
import { gitEnvironment } from './config.ts';
import { type HookAddress, hookEnvironment } from './receive-hook.ts';

/** One request of a git client, as the API has checked it. */
export interface GitHttpRequest {
  /** Folder of the bare repository. */
  readonly repository: string;
  readonly project: string;
  /** What follows the repository in the URL: `/info/refs`, `/git-upload-pack` or `/git-receive-pack`. */
  readonly path: string;
  /** Who asks, for git's log of its own. */
  readonly user: string;
  readonly configFile: string;
  /** Folder that `installReceiveHook` wrote. */
  readonly hooks: string;
  readonly hook: HookAddress;
  /** Default: what the request carries itself; pass it where a framework has taken the body already. */
  readonly body?: Readable;
  readonly mayPush: boolean;
}

/** What the request came to. After `receive-pack`, compare the refs: a client that left early hears no hook. */
export interface GitHttpOutcome {
  readonly service: 'upload-pack' | 'receive-pack';
  readonly advertised: boolean;
  readonly complete: boolean;
}

/**
 * Answers a git client (smart HTTP only) by `git http-backend`, streaming both ways. The response is git's; what is
 * neither of the two services gets 404, a push without the right to it 403. Resolves when the response has ended.
 * @throws SlipwayError `source.git_missing`, before anything was answered
 */
export async function gitHttpBackend(
  request: GitHttpRequest,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<GitHttpOutcome | undefined> {
  const query = new URL(req.url ?? '/', 'http://localhost').searchParams;
  const service = serviceOf(req.method ?? '', request.path, query.get('service'));
  if (!service) return refuse(res, 404, 'Slipway serves git by its smart HTTP protocol only.');
  if (service.name === 'receive-pack' && !request.mayPush) return refuse(res, 403, 'You may not push to this project.');
  const child = spawn('git', ['http-backend'], {
    env: environment(request, req, service),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const complete = await relay(child, request.body ?? req, res, service.name);
  return { service: service.name, advertised: service.advertised, complete };
}

interface Service {
  readonly name: GitHttpOutcome['service'];
  readonly advertised: boolean;
}

function serviceOf(method: string, path: string, asked: string | null): Service | undefined {
  const known = (name: string | undefined | null) =>
    name === 'git-upload-pack' ? 'upload-pack' : name === 'git-receive-pack' ? 'receive-pack' : undefined;
  const advertised = path === '/info/refs';
  const name = known(advertised ? asked : path.slice(1));
  if (!name || method !== (advertised ? 'GET' : 'POST')) return undefined;
  return { name, advertised };
}

function environment(request: GitHttpRequest, req: IncomingMessage, service: Service): Record<string, string> {
  const base = gitEnvironment(request.configFile);
  const header = (name: string) => {
    const value = req.headers[name];
    return typeof value === 'string' ? value : '';
  };
  const length = header('content-length');
  return {
    ...base,
    PATH: `${dirname(process.execPath)}${delimiter}${base.PATH ?? ''}`,
    ...hookEnvironment(request.project, request.hook),
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROJECT_ROOT: request.repository,
    PATH_INFO: service.advertised ? '/info/refs' : `/git-${service.name}`,
    QUERY_STRING: service.advertised ? `service=git-${service.name}` : '',
    REQUEST_METHOD: service.advertised ? 'GET' : 'POST',
    CONTENT_TYPE: header('content-type'),
    HTTP_CONTENT_ENCODING: header('content-encoding'),
    HTTP_ACCEPT_ENCODING: header('accept-encoding'),
    ...(length && { CONTENT_LENGTH: length }),
    ...(/^version=[012]$/.test(header('git-protocol')) && { GIT_PROTOCOL: header('git-protocol') }),
    REMOTE_USER: request.user,
    REMOTE_ADDR: req.socket.remoteAddress ?? '',
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: request.hooks,
    GIT_CONFIG_KEY_1: 'http.getanyfile',
    GIT_CONFIG_VALUE_1: 'false',
  };
}

function refuse(res: ServerResponse, status: number, text: string): undefined {
  res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${text}\n`);
  return undefined;
}

/** Client ↔ git, until git has ended. @returns did the client get the whole answer? */
async function relay(
  child: ChildProcess & { readonly stdin: NodeJS.WritableStream; readonly stdout: Readable },
  body: Readable,
  res: ServerResponse,
  service: GitHttpOutcome['service'],
): Promise<boolean> {
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  child.stderr?.resume();
  // a reader that leaves ends git at once; a push whose refs are moving may finish: cut off, it ends by itself
  const onClose = () => {
    if (res.writableFinished) return;
    child.stdout.resume();
    endGroupAfter(child, service === 'upload-pack' ? 0 : 15_000);
  };
  res.once('close', onClose);
  feed(body, child.stdin);
  try {
    const [complete] = await Promise.all([answer(child.stdout, res), ended]);
    return complete;
  } catch (error) {
    endGroupAfter(child, 0);
    throw missingGit(error);
  } finally {
    res.off('close', onClose);
  }
}

/** `pipeline` would destroy the request when git stops reading, and with it the answer in which git says why. */
function feed(body: Readable, stdin: NodeJS.WritableStream): void {
  stdin.on('error', () => {
    body.unpipe(stdin);
    body.resume();
  });
  // a body cut short must not look whole to git, yet must end: git finds the pack truncated
  body.once('close', () => stdin.end());
  body.once('error', () => stdin.end());
  body.pipe(stdin);
}

function endGroupAfter(child: ChildProcess, ms: number): void {
  const timer = setTimeout(() => endGroup(child), ms);
  child.once('close', () => clearTimeout(timer));
}

/** CGI's header block becomes the response's head; the rest streams as it is. */
async function answer(stdout: Readable, res: ServerResponse): Promise<boolean> {
  const readHead = cgiHeadReader();
  let head: CgiHead | undefined;
  for await (const chunk of stdout) {
    if (res.destroyed) continue; // drained, so that git can end
    const known = head !== undefined;
    head ??= readHead(chunk);
    if (!head) continue;
    if (!known) res.writeHead(head.status, head.headers.flat());
    const piece = known ? chunk : head.rest;
    if (piece.length > 0 && !res.write(piece)) await drained(res);
  }
  if (res.destroyed) return false;
  if (!head) res.writeHead(502, { 'content-type': 'text/plain' });
  await new Promise<void>((resolve) => {
    res.once('close', resolve);
    res.end(resolve);
  });
  return head !== undefined && res.writableFinished;
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      res.off('drain', go);
      res.off('close', go);
      resolve();
    };
    res.once('drain', go);
    res.once('close', go);
  });
}

function missingGit(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') return error;
  return new SlipwayError('source.git_missing', 'git is not installed on this machine', 'install git', error);
}
