import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What the hook sends to the server, as JSON, once the refs have moved. */
export interface ReceivedPush {
  readonly project: string;
  /** `old` of a new ref and `new` of a deleted one are all zeros. */
  readonly updates: readonly { readonly old: string; readonly new: string; readonly ref: string }[];
}

/** Where and as whom the hook speaks to the server. */
export interface HookAddress {
  /** `http://127.0.0.1:PORT/…`. Gets a POST of `ReceivedPush`; answers `text/plain`, a line as soon as it is known. */
  readonly url: string;
  /** Sent as a bearer token; good for this push alone. */
  readonly secret: string;
  /** How long the hook waits for the next piece of the answer. Default 10 s. */
  readonly timeoutMs?: number;
}

/** The hook's environment: it learns nothing from files, so that no file holds a secret. */
export function hookEnvironment(project: string, address: HookAddress): Record<string, string> {
  return {
    SLIPWAY_HOOK_URL: address.url,
    SLIPWAY_HOOK_SECRET: address.secret,
    SLIPWAY_HOOK_PROJECT: project,
    SLIPWAY_HOOK_TIMEOUT_MS: String(address.timeoutMs ?? 10_000),
  };
}

/**
 * Writes Slipway's own hooks into `directory` (for `gitHttpBackend`); the same ones again change nothing that runs.
 * `update` refuses refs that Slipway has no use for; `post-receive` tells the server and prints its answer, which git
 * shows to the person who pushes as `remote: …`. @returns the folder, absolute
 */
export async function installReceiveHook(directory: string): Promise<string> {
  const folder = resolve(directory);
  await mkdir(folder, { recursive: true });
  // the folder may lie below a package of ES modules
  await put(join(folder, 'package.json'), '{"type":"commonjs"}\n', 0o644);
  await put(join(folder, 'update'), updateHook, 0o755);
  await put(join(folder, 'post-receive'), postReceiveHook, 0o755);
  return folder;
}

async function put(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text);
  await chmod(temporary, mode);
  await rename(temporary, path);
}

/** Called for each ref, so that one refused ref does not hold up the others (`git push --mirror`). */
const updateHook = `#!/bin/sh
case "$1" in
  refs/heads/*|refs/tags/*|"refs/slipway/commits/$3") exit 0 ;;
esac
echo "Slipway takes branches and tags; $1 is neither." >&2
exit 1
`;

/** Plain Node, as old as can be: it runs by whichever node is first in PATH (gitHttpBackend puts Slipway's there). */
const postReceiveHook = `#!/usr/bin/env node
'use strict';
const http = require('node:http');
const env = process.env;
const kept = ' The push is kept; Slipway picks it up as soon as it can.';

let input = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => { input += chunk; });
process.stdin.on('end', () => {
  const updates = input.split('\\n').filter(Boolean).map((line) => {
    const [before, after, ...ref] = line.split(' ');
    return { old: before, new: after, ref: ref.join(' ') };
  });
  tell(JSON.stringify({ project: env.SLIPWAY_HOOK_PROJECT, updates }));
});

function tell(body) {
  let said = '';
  const headers = {
    authorization: 'Bearer ' + env.SLIPWAY_HOOK_SECRET,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const request = http.request(env.SLIPWAY_HOOK_URL, { method: 'POST', headers, agent: false }, (response) => {
    if (response.statusCode !== 200) return end('Slipway answered ' + response.statusCode + '.' + kept);
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      wait();
      const lines = (said + chunk).split('\\n');
      said = lines.pop();
      for (const line of lines) say(line);
    });
    response.on('end', () => end(said));
    response.on('error', () => end('Slipway stopped answering.' + kept));
  });
  let timer;
  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => end('Slipway did not answer in time.' + kept), Number(env.SLIPWAY_HOOK_TIMEOUT_MS));
  }
  wait();
  request.on('error', () => end('Slipway did not answer.' + kept));
  request.end(body);
}

function say(line) {
  process.stdout.write(line.replace(/[\\x00-\\x08\\x0b-\\x1f\\x7f]/g, '') + '\\n');
}

let ended = false;
function end(line) {
  if (ended) return;
  ended = true;
  if (line) say(line);
  process.stdout.write('', () => process.exit(0));
}
`;
