import { randomUUID } from 'node:crypto';
import { Duplex } from 'node:stream';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type Docker from 'dockerode';
import type { RegistryCredentials } from '../contract.ts';
import { credentialsFor } from './credentials.ts';
import { engineError } from './engine.ts';
import { fieldsOf, textField } from './wire.ts';

/** A connection over which BuildKit asks for the credentials of the registries that it needs, while it builds. */
export interface BuildSession {
  readonly id: string;
  close(): void;
}

/**
 * Opens a BuildKit session at the engine. dockerode has one of its own, which gives one registry's password to each that
 * asks; this one gives each its own, or nothing. Protocol: moby/buildkit session/auth/auth.proto.
 */
export async function openSession(
  docker: Docker,
  all: readonly RegistryCredentials[],
  signal: AbortSignal,
): Promise<BuildSession> {
  const id = randomUUID();
  const socket = await upgrade(docker, id, signal);
  const server = new Server();
  server.addService(authService, {
    Credentials: (call: { request: Buffer }, reply: (error: null, answer: Buffer) => void) =>
      reply(null, credentialsAnswer(call.request, all)),
    // without a key of the client's the engine falls back to Credentials
    GetTokenAuthority: (_: unknown, reply: (error: { readonly code: number }) => void) =>
      reply({ code: status.UNIMPLEMENTED }),
  });
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close() {
      server.forceShutdown();
      socket.destroy();
    },
  };
}

function upgrade(docker: Docker, id: string, signal: AbortSignal): Promise<Duplex> {
  const options = {
    method: 'POST',
    path: '/session',
    hijack: true,
    abortSignal: signal,
    headers: { Upgrade: 'h2c', 'X-Docker-Expose-Session-Uuid': id, 'X-Docker-Expose-Session-Name': 'slipway' },
    statusCodes: { 200: true },
  };
  return new Promise((resolve, reject) => {
    docker.modem.dial(options, (error: unknown, socket: unknown) => {
      if (error || !(socket instanceof Duplex)) return reject(signal.aborted ? signal.reason : engineError(error));
      // the engine hangs up when the build has ended
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

const asIs = (bytes: Buffer) => bytes;
const method = (name: string) => ({
  path: `/moby.filesync.v1.Auth/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
});
const authService = { Credentials: method('Credentials'), GetTokenAuthority: method('GetTokenAuthority') };

/** `CredentialsRequest { Host = 1 }` → `CredentialsResponse { Username = 1, Secret = 2 }` */
export function credentialsAnswer(request: Buffer, all: readonly RegistryCredentials[]): Buffer {
  const host = [...fieldsOf(request)].find(({ id }) => id === 1)?.bytes.toString('utf8') ?? '';
  const known = credentialsFor(host, all);
  return known ? Buffer.concat([textField(1, known.username), textField(2, known.password)]) : Buffer.alloc(0);
}
