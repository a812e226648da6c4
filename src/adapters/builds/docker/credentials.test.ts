import { expect, test } from 'vitest';
import { credentialsFor, engineAuth, registryConfig } from './credentials.ts';
import { registryError } from './registry-error.ts';
import { credentialsAnswer } from './session.ts';
import { fieldsOf, textField } from './wire.ts';

const all = [
  { host: 'ghcr.io', username: 'g', password: 'gp' },
  { host: 'docker.io', username: 'h', password: 'hp' },
  { host: '127.0.0.1:5000', username: 'l', password: 'lp' },
];

test.each([
  ['ghcr.io', 'g'],
  ['https://index.docker.io/v1/', 'h'],
  ['registry-1.docker.io', 'h'],
  ['127.0.0.1:5000', 'l'],
  ['127.0.0.1:5001', undefined],
  ['evil-ghcr.io', undefined],
  ['', undefined],
])('%s gets the credentials of its own host only', (host, username) => {
  expect(credentialsFor(host, all)?.username).toBe(username);
  const answer = [...fieldsOf(credentialsAnswer(textField(1, host), all))].map(({ bytes }) => bytes.toString());
  expect(answer).toEqual(username === undefined ? [] : [username, `${username}p`]);
});

test('Docker Hub is known to the engine by its old address', () => {
  expect(engineAuth({ host: 'docker.io', username: 'h', password: 'hp' }).serveraddress).toBe(
    'https://index.docker.io/v1/',
  );
  expect(Object.keys(registryConfig(all))).toEqual(['ghcr.io', 'https://index.docker.io/v1/', '127.0.0.1:5000']);
});

test.each([
  ['denied: requested access to the resource is denied', 'registry.denied'],
  ['unauthorized: authentication required', 'registry.denied'],
  ['no basic auth credentials', 'registry.denied'],
  ['dial tcp 127.0.0.1:1: connect: connection refused', 'registry.unreachable'],
  ['write /x: no space left on device', 'disk.full'],
])('%s is %s', (said, code) => expect(registryError('ghcr.io', 'x could not be pushed', said)).toMatchObject({ code }));
