// The Engine API calls of a first deployment as the lightest program that Node can make of them: `node engine-calls.mjs <json>`,
// with `{ socketPath, network, services }` as the API takes them. The network, then all services at once.
import { request } from 'node:http';

const { socketPath, network, services } = JSON.parse(process.argv[2]);

function post(path, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request({ socketPath, path, method: 'POST', headers }, async (answer) => {
      let text = '';
      for await (const piece of answer) text += piece;
      if (answer.statusCode < 300) resolve(JSON.parse(text));
      else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify(body));
  });
}

await post('/networks/create', network);
await Promise.all(services.map((service) => post('/services/create', service)));
process.exit(0);
