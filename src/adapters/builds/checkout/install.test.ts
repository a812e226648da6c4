import { expect, test } from 'vitest';
import { installEnvironment } from './install.ts';

test('an install step sees the network settings and nothing of the server that could be a secret', () => {
  const own = {
    HOME: '/home/a',
    PATH: '/bin',
    DATABASE_URL: 'x',
    SLIPWAY_TOKEN: 'x',
    npm_config__authToken: 'x',
    HTTPS_PROXY: 'p',
  };
  const environment = installEnvironment(own);
  expect(environment).toMatchObject({ HOME: '/home/a', HTTPS_PROXY: 'p', CI: '1' });
  expect(environment.PATH).toMatch(/:\/bin$/);
  expect(Object.keys(environment)).not.toEqual(expect.arrayContaining(['DATABASE_URL']));
  expect(JSON.stringify(environment)).not.toContain('"x"');
});
