import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { connect } from 'node:net';
import { signal } from './processes.ts';
import type { Health, InstanceRecord } from './record.ts';

/** Looks once whether the instance is well: `null`, or why not. Ends within the check's time-out. */
export function probe(record: InstanceRecord, health: Health): Promise<string | null> {
  const port = mainPort(record);
  switch (health.probe.kind) {
    case 'http':
      return port === null ? noPort() : overHttp(port, health.probe.path, health.timeoutMs);
    case 'tcp':
      return port === null ? noPort() : overTcp(port, health.timeoutMs);
    case 'command':
      return byCommand(record, health.probe.argv, health.timeoutMs);
    default:
      return health.probe satisfies never;
  }
}

const noPort = async (): Promise<string> => 'it has no port to ask';

function mainPort(record: InstanceRecord): number | null {
  const first = record.launch.ports.find((port) => port.protocol === 'tcp');
  return first === undefined ? null : (record.ports[`${first.target}/tcp`] ?? null);
}

function overHttp(port: number, path: string, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: timeoutMs }, (response) => {
      response.destroy();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400 ? null : `GET ${path} answered ${status}`);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    request.on('error', (error) => resolve(`GET ${path}: ${error.message}`));
  });
}

function overTcp(port: number, timeoutMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (result: string | null) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end(`port ${port}: no answer within ${timeoutMs} ms`));
    socket.on('connect', () => end(null)).on('error', (error) => end(error.message));
  });
}

function byCommand(record: InstanceRecord, argv: readonly string[], timeoutMs: number): Promise<string | null> {
  const [file = '', ...rest] = argv;
  return new Promise((resolve) => {
    const user = record.launch.user ?? {};
    const child = spawn(file, rest, {
      cwd: record.directory,
      env: record.environment,
      stdio: 'ignore',
      detached: true,
      ...user,
    });
    const timer = setTimeout(() => {
      if (child.pid !== undefined) signal(-child.pid, 'SIGKILL');
      resolve(`${file}: no result within ${timeoutMs} ms`);
    }, timeoutMs);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => {
      clearTimeout(timer);
      resolve(code === 0 ? null : `${file} ended with ${code === null ? by : `exit code ${code}`}`);
    });
  });
}
