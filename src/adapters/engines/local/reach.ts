import { connect as connectTo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SlipwayError } from '#domain/errors.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { StackFolder } from './folders.ts';
import { portKey } from './launch.ts';

const connectMs = 10_000;

/** A TCP connection to the port on 127.0.0.1 that stands for an instance's container port. */
export function connectInto(
  folder: StackFolder,
  instance: Instance,
  port: number | null,
  signal: AbortSignal,
): Promise<Duplex> {
  const record = folder.instance(instance.id)?.record;
  const first = record?.launch.ports.find((one) => one.protocol === 'tcp');
  const number = record?.ports[port === null ? (first ? portKey(first) : '') : `${port}/tcp`];
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    if (number === undefined) {
      const what = record === undefined ? 'is not there' : `has no TCP port ${port ?? ''}`.trim();
      reject(new SlipwayError('engine.no_instance', `instance '${instance.id}' of '${folder.stack}' ${what}`));
      return;
    }
    const socket = connectTo({ host: '127.0.0.1', port: number, signal });
    socket.setTimeout(connectMs, () => socket.destroy(new Error(`no answer within ${connectMs} ms`)));
    socket.once('error', (error) =>
      reject(
        new SlipwayError('engine.unreachable', `cannot connect to ${instance.id}: ${error.message}`, undefined, error),
      ),
    );
    socket.once('connect', () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
