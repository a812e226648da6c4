import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Engine } from '#adapters/engines/contract.ts';
import { within } from '#adapters/within.ts';
import { messageOf, SlipwayError } from '#domain/errors.ts';
import type { Instance } from '#domain/stack/instance.ts';
import type { HttpCheck } from '#domain/stack/spec.ts';
import type { StackName } from '#domain/stack-name.ts';

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const bodyLimit = 10_000_000;

/**
 * GETs a path of one instance at its own address, published or not, over a connection that the engine opens.
 * @throws SlipwayError `engine.unreachable` when no answer comes within `check.timeoutMs`.
 */
export async function ask(
  engine: Engine,
  stack: StackName,
  instance: Instance,
  check: HttpCheck,
  signal: AbortSignal,
): Promise<Answer> {
  const late = (): Error => new Error(`no answer within ${check.timeoutMs / 1000} s`);
  try {
    return await within(signal, { ms: check.timeoutMs, late }, async (limited) => {
      const connection = await engine.connect(stack, instance, check.port, limited);
      return get(connection, check, limited);
    });
  } catch (thrown) {
    const why = messageOf(thrown);
    throw new SlipwayError(
      'engine.unreachable',
      `GET ${check.path} of ${instance.service}.${instance.slot}: ${why}`,
      'see that the service listens on its declared port',
      thrown,
    );
  }
}

function get(connection: Duplex, check: HttpCheck, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: 'localhost', connection: 'close', accept: 'application/json, application/xml, */*' };
    const call = request({ createConnection: () => connection, path: check.path, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > bodyLimit) call.destroy(new Error(`the answer is over ${bodyLimit / 1e6} MB`));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        connection.destroy();
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    call.on('error', (error) => {
      connection.destroy();
      reject(error);
    });
    call.end();
  });
}
