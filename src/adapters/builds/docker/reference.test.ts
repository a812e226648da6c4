import { expect, test } from 'vitest';
import { imagePart, parseReference, registryHost, repositoryOf } from './reference.ts';

test.each([
  ['postgres', 'docker.io', 'postgres', null, null, 'library/postgres'],
  ['postgres:16', 'docker.io', 'postgres', '16', null, 'library/postgres'],
  ['docker.io/library/postgres:16', 'docker.io', 'docker.io/library/postgres', '16', null, 'library/postgres'],
  ['index.docker.io/a/b', 'docker.io', 'index.docker.io/a/b', null, null, 'a/b'],
  ['team/app:v1', 'docker.io', 'team/app', 'v1', null, 'team/app'],
  ['ghcr.io/a/b:c', 'ghcr.io', 'ghcr.io/a/b', 'c', null, 'a/b'],
  ['localhost/a', 'localhost', 'localhost/a', null, null, 'a'],
  ['127.0.0.1:5000/a/b', '127.0.0.1:5000', '127.0.0.1:5000/a/b', null, null, 'a/b'],
  ['127.0.0.1:5000/a:b@sha256:0f', '127.0.0.1:5000', '127.0.0.1:5000/a', 'b', 'sha256:0f', 'a'],
  ['redis@sha256:0f', 'docker.io', 'redis', null, 'sha256:0f', 'library/redis'],
])('%s is understood as Docker does', (text, host, name, tag, digest, repository) => {
  const reference = parseReference(text);
  expect(reference).toEqual({ host, name, tag, digest });
  expect(repositoryOf(reference)).toBe(repository);
});

test.each([
  ['https://index.docker.io/v1/', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['HTTPS://GHCR.io'.toLowerCase(), 'ghcr.io'],
  ['http://127.0.0.1:5000/v2/', '127.0.0.1:5000'],
])('%s is the registry %s', (text, host) => expect(registryHost(text)).toBe(host));

test.each([
  ['web', 'web'],
  ['Web_API', 'web_api'],
  ['a--b__c..d', 'a-b_c.d'],
  ['-x.', 'x'],
  ['große seite', 'gro-e-seite'],
  ['___', 'x'],
])('%s is %s in an image name', (name, part) => expect(imagePart(name)).toBe(part));
