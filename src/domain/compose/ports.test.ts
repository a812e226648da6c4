import { expect, test } from 'vitest';
import { parsePort } from './ports.ts';

const tcp = { mode: 'ingress', protocol: 'tcp' };

test.each([
  ['80', [{ ...tcp, target: 80 }]],
  ['8080:80', [{ ...tcp, target: 80, published: '8080' }]],
  [':80', [{ ...tcp, target: 80 }]],
  ['53:53/UDP', [{ mode: 'ingress', protocol: 'udp', target: 53, published: '53' }]],
  ['127.0.0.1:8080:80', [{ ...tcp, host_ip: '127.0.0.1', target: 80, published: '8080' }]],
  ['127.0.0.1::80', [{ ...tcp, host_ip: '127.0.0.1', target: 80 }]],
  ['[::1]:8080:80', [{ ...tcp, host_ip: '::1', target: 80, published: '8080' }]],
  ['8000-9000:80', [{ ...tcp, target: 80, published: '8000-9000' }]],
  [
    '90-91:80-81',
    [
      { ...tcp, target: 80, published: '90' },
      { ...tcp, target: 81, published: '91' },
    ],
  ],
  [
    '80-81',
    [
      { ...tcp, target: 80 },
      { ...tcp, target: 81 },
    ],
  ],
])('%s is understood', (text, ports) => {
  expect(parsePort(text)).toEqual(ports);
});

test.each([
  ['80:', 'no container port'],
  ['', 'no container port'],
  ['127.0.0.1:80', 'no port'],
  ['localhost:80:80', 'no IP address'],
  ['::1:80:80', 'no IP address'],
  ['256.0.0.1:80:80', 'no IP address'],
  ['80/http', 'no known protocol'],
  ['70000', 'no port'],
  ['90-80:90-80', 'no port'],
  ['90-92:80-81', 'differ in length'],
  ['web', 'no port'],
])('%s is refused', (text, why) => {
  expect(parsePort(text)).toContain(why);
});
