import { expect, test } from 'vitest';
import { shareWork } from './share-work.ts';

const never = new AbortController().signal;

test('callers who ask at the same time get the one result', async () => {
  const shared = shareWork<number>();
  let runs = 0;
  const work = async () => ++runs;
  expect(await Promise.all([shared.run('a', never, work), shared.run('a', never, work)])).toEqual([1, 1]);
  expect(await shared.run('a', never, work)).toBe(2);
});

test('a caller who leaves does not end the work of the others', async () => {
  const shared = shareWork<string>();
  const leaving = new AbortController();
  let finish = (_: string) => {};
  let inner: AbortSignal | undefined;
  const work = (signal: AbortSignal) => {
    inner = signal;
    return new Promise<string>((resolve) => {
      finish = resolve;
    });
  };
  const first = shared.run('a', leaving.signal, work);
  const second = shared.run('a', never, work);
  leaving.abort(new Error('left'));
  await expect(first).rejects.toThrow('left');
  expect(inner?.aborted).toBe(false);
  finish('done');
  expect(await second).toBe('done');
});

test('when nobody waits any more the work is aborted, and the next call starts anew', async () => {
  const shared = shareWork<string>();
  const leaving = new AbortController();
  let inner: AbortSignal | undefined;
  const first = shared.run('a', leaving.signal, (signal) => {
    inner = signal;
    return new Promise(() => {});
  });
  leaving.abort(new Error('left'));
  await expect(first).rejects.toThrow('left');
  expect(inner?.aborted).toBe(true);
  expect(await shared.run('a', never, async () => 'again')).toBe('again');
});

test('a failure reaches everybody and is not kept', async () => {
  const shared = shareWork<string>();
  const fail = async () => {
    throw new Error('no');
  };
  const both = [shared.run('a', never, fail), shared.run('a', never, fail)];
  for (const result of both) await expect(result).rejects.toThrow('no');
  expect(await shared.run('a', never, async () => 'yes')).toBe('yes');
});
