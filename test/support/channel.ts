import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Heard {
  readonly id: string;
  readonly text: string;
}

/** A webhook that hears notices, each with its id. */
export async function startChannel(): Promise<{
  readonly url: string;
  readonly heard: Heard[];
  close(): Promise<void>;
}> {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as { text: string };
    heard.push({ id: String(request.headers['idempotency-key']), text: body.text });
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    heard,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
