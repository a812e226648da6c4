import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The bed's registry behind a password: a real one's challenge, on a port of its own. */
export async function guardedRegistry(registry: string, login: string) {
  const [host, port] = registry.split(':');
  const expected = `Basic ${Buffer.from(login).toString('base64')}`;
  const server = createServer((req, res) => {
    if (req.headers.authorization !== expected) {
      res.writeHead(401, { 'www-authenticate': 'Basic realm="t"', 'docker-distribution-api-version': 'registry/2.0' });
      return void res.end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }));
    }
    const { url, method, headers } = req;
    const onward = request({ host, port, path: url, method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
