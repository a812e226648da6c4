import { DBOS } from '@dbos-inc/dbos-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyOf } from '#store/sealing.ts';
import { startTestStore, type TestStore } from '#store/test-store.ts';
import { until } from '../../test/support/until.ts';
import { deploymentQueue, takeWaiting } from './queue.ts';
import { startRuntime, stopRuntime } from './runtime.ts';

let at: TestStore;
let work: (name: string) => Promise<void>;
const begun: string[] = [];
const ends = new Map<string, () => void>();

beforeAll(async () => {
  at = await startTestStore(keyOf(Buffer.alloc(32, 7)));
  const run = (name: string): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.set(name, resolve));
  };
  work = DBOS.registerWorkflow(run, { name: 'queue test' });
  await startRuntime({ databaseUrl: at.store.url, log: () => undefined });
});
afterAll(async () => {
  for (const end of ends.values()) end();
  await stopRuntime();
  await at.stop();
});

const enqueue = (name: string, stack: string) =>
  DBOS.startWorkflow(work, {
    workflowID: name,
    queueName: deploymentQueue,
    enqueueOptions: { queuePartitionKey: stack },
  })(name);

test('what waits begins when it is asked for, not with the next look', async () => {
  for (const stack of ['a', 'b', 'c', 'd']) {
    await enqueue(`${stack}-first`, stack);
    await takeWaiting();
    expect(begun).toContain(`${stack}-first`);
  }
});

test('two of one stack never go on together, however often is looked; the second begins by itself when the first ends', async () => {
  await Promise.all([enqueue('e-first', 'e'), enqueue('e-second', 'e')]);
  await Promise.all(Array.from({ length: 5 }, takeWaiting));
  const [first = '', ...others] = begun.filter((name) => name.startsWith('e-'));
  expect(others).toEqual([]);
  ends.get(first)?.();
  await until('the second', async () => begun.filter((name) => name.startsWith('e-')).length === 2);
});
