import { expect, test } from 'vitest';
import { SlipwayError } from '#domain/errors.ts';
import { untilDeadline } from './patience.ts';

const away = () => new SlipwayError('engine.unreachable', 'nobody answers');
const never = new AbortController().signal;

test('what passes by itself is tried again until it goes well', async () => {
  let tries = 0;
  const act = async () => {
    tries += 1;
    if (tries < 3) throw away();
    return 'done';
  };
  expect(await untilDeadline(Date.now() + 10_000, never, act)).toBe('done');
  expect(tries).toBe(3);
});

test('what does not pass before the deadline has failed, with the last reason', async () => {
  const started = Date.now();
  await expect(untilDeadline(started + 300, never, () => Promise.reject(away()))).rejects.toMatchObject({
    code: 'deploy.failed',
    message: 'not done by its deadline: nobody answers',
  });
  expect(Date.now() - started).toBeLessThan(2000);
});

test('what does not pass by itself is not tried again', async () => {
  let tries = 0;
  const act = async () => {
    tries += 1;
    throw new SlipwayError('engine.refused', 'no');
  };
  await expect(untilDeadline(Date.now() + 10_000, never, act)).rejects.toMatchObject({ code: 'engine.refused' });
  expect(tries).toBe(1);
});
