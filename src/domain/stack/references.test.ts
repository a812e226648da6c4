import { expect, test } from 'vitest';
import { resolveReferences, type ServiceAddress } from './references.ts';

const addresses: Record<string, ServiceAddress> = {
  api: {
    host: 'api',
    ports: new Map([
      [8080, 8080],
      [9090, 31000],
    ]),
  },
  'my.db': { host: 'my.db', ports: new Map([[5432, 5432]]) },
  silent: { host: 'silent', ports: new Map() },
};
const resolve = (text: string) => resolveReferences(text, (name) => addresses[name]);

test.each([
  ['http://{service.api}/x', 'http://api:8080/x'],
  ['{service.api.host}', 'api'],
  ['{service.api.port}', '8080'],
  ['{service.api.port.9090}', '31000'],
  ['{service.my.db}', 'my.db:5432'],
  ['{service.my.db.host}:{service.my.db.port}', 'my.db:5432'],
  ['{service.silent.host}', 'silent'],
  ['{{service.api}', '{service.api}'],
  ['{"a": {service.api.port}}', '{"a": 8080}'],
  ['no {other} braces', 'no {other} braces'],
])('%s becomes %s', (text, expected) => expect(resolve(text)).toBe(expected));

test.each([
  ['{service.nobody}', /not in the stack/],
  ['{service.silent}', /declares no port/],
  ['{service.api.port.1}', /does not declare/],
])('%s is refused by name', (text, why) => expect(() => resolve(text)).toThrow(why));
