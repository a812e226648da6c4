import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { linkedTo, within } from './within.ts';

const never = new AbortController().signal;
const deaf = (): Promise<never> => new Promise(() => undefined);
const late = (): Error => new Error('too late');

it('gives back what the work gives, and leaves no listener behind', async () => {
  let removed = 0;
  const signal = new AbortController().signal;
  const { removeEventListener } = signal;
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    removed += 1;
    removeEventListener.apply(signal, args);
  };
  expect(await within(signal, { ms: 1000, late }, async () => 7)).toBe(7);
  expect(removed).toBe(1);
});

it('throws what the work threw', async () => {
  const work = async (): Promise<never> => {
    throw new Error('its own');
  };
  await expect(within(never, { ms: 1000, late }, work)).rejects.toThrow('its own');
});

it('ends work that listens to nobody, by time and by its caller', async () => {
  await expect(within(never, { ms: 20, late }, deaf)).rejects.toThrow('too late');
  const caller = new AbortController();
  setTimeout(() => caller.abort(new Error('not wanted any more')), 20);
  await expect(within(caller.signal, { ms: 10_000, late }, deaf)).rejects.toThrow('not wanted any more');
});

it('lets work that was told to end come to its end, for as long as the grace', async () => {
  const ends = (after: number) => (signal: AbortSignal) =>
    new Promise<string>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, after, 'ended')));
  expect(await within(never, { ms: 10, graceMs: 2000, late }, ends(20))).toBe('ended');
  await expect(within(never, { ms: 10, graceMs: 20, late }, ends(5000))).rejects.toThrow('too late');
});

it('does not begin once its caller has ended', async () => {
  let begun = false;
  const work = async (): Promise<void> => {
    begun = true;
  };
  await expect(within(AbortSignal.abort(new Error('over')), { ms: 10, late }, work)).rejects.toThrow('over');
  expect(begun).toBe(false);
});

it('ends in time although the collector runs, nested in others whose signals nobody else holds', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const collecting = setInterval(collect, 5);
  try {
    const inner = (signal: AbortSignal): Promise<never> => within(signal, { ms: 60_000, late }, deaf);
    const outer = (): Promise<never> => within(never, { ms: 150, late }, inner);
    const ends = await Promise.allSettled(Array.from({ length: 50 }, outer));
    expect(ends.every((one) => one.status === 'rejected' && String(one.reason).includes('too late'))).toBe(true);
  } finally {
    clearInterval(collecting);
  }
}, 10_000);

it('links a controller to a signal until it is released', () => {
  const source = new AbortController();
  const [kept, released] = [linkedTo(source.signal), linkedTo(source.signal)];
  released.release();
  source.abort(new Error('over'));
  expect([kept.controller.signal.aborted, released.controller.signal.aborted]).toEqual([true, false]);
  expect(linkedTo(source.signal).controller.signal.reason).toEqual(new Error('over'));
});
