import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStackName } from '#domain/stack-name.ts';
import { listDeployments } from '#store/deployments.ts';
import { lastEventSeq } from '#store/events.ts';
import type { Clusters } from '#workflows/context.ts';
import { openClusters } from '../../src/clusters.ts';
import { startChannel } from '../support/channel.ts';
import { makeShop, type Shop } from '../support/shop.ts';
import { Slipway } from '../support/slipway.ts';
import { until } from '../support/until.ts';
import { type CourseOutcome, outcomeOf, startsIn } from './outcome.ts';

/** A course of a deployment that is killed at its points. */
export interface Scenario {
  readonly name: string;
  /** What is there before the deployment under test. */
  readonly before?: (shop: Shop, push: () => Promise<void>) => Promise<void>;
  /** Makes the commit under test. */
  readonly change: (shop: Shop) => Promise<void>;
  /** What happens to the deployment while it goes on. */
  readonly meanwhile?: (slipway: Slipway, id: number) => Promise<void>;
  /** How it ends, killed or not. */
  readonly ends: Partial<CourseOutcome>;
}

export interface KilledRun {
  readonly outcome: CourseOutcome;
  /** From the start of the new process to its first step, ms; `null`: it was not killed. */
  readonly resumedMs: number | null;
}

/** One server after another on one data folder, on which courses run, killed or not. */
export class Stage {
  readonly #slipway: Slipway;
  readonly #clusters: Clusters;
  readonly #channel: Awaited<ReturnType<typeof startChannel>>;
  readonly #engine: string;

  private constructor(
    slipway: Slipway,
    clusters: Clusters,
    channel: Awaited<ReturnType<typeof startChannel>>,
    engine: string,
  ) {
    this.#slipway = slipway;
    this.#clusters = clusters;
    this.#channel = channel;
    this.#engine = engine;
  }

  static async open(engine: 'local'): Promise<Stage> {
    const slipway = await Slipway.start();
    const channel = await startChannel();
    await slipway.addChannel('ops', channel.url);
    const store = await slipway.store();
    return new Stage(
      slipway,
      openClusters({ store, dataDirectory: slipway.data, log: () => undefined }),
      channel,
      engine,
    );
  }

  /** The course without a kill, with the points that it passes, in order. */
  async record(scenario: Scenario): Promise<{ readonly outcome: CourseOutcome; readonly points: readonly string[] }> {
    const file = join(tmpdir(), `slipway-points-${process.pid}-${Date.now()}`);
    try {
      const { outcome } = await this.#course(scenario, () => this.#slipway.record(file), null);
      const points = (await readFile(file, 'utf8')).trim().split('\n');
      return { outcome, points };
    } finally {
      await rm(file, { force: true });
    }
  }

  /** The course with the server killed as it passes `point`, and started again. */
  killAt(scenario: Scenario, point: string): Promise<KilledRun> {
    return this.#course(scenario, () => this.#slipway.arm(point), point);
  }

  async #course(scenario: Scenario, arm: () => Promise<void>, point: string | null): Promise<KilledRun> {
    const slipway = this.#slipway;
    const shop = await makeShop({ cluster: this.#engine });
    const stack = `${shop.name}-prod`;
    const adapters = await this.#clusters.get(this.#engine);
    try {
      await scenario.before?.(shop, async () => {
        await shop.commit('before');
        await shop.push(slipway);
        await slipway.over(await this.#newest(stack));
      });
      const since = await lastEventSeq((await slipway.store()).db);
      const startsBefore = (await startsIn(shop)).length;
      await scenario.change(shop);
      await shop.commit('the change');
      await arm();
      // a kill may cut the push's answer; the push itself has arrived
      await shop.push(slipway).catch(() => '');
      const resumedMs = point === null ? null : await this.#restart(point);
      const id = await this.#newest(stack);
      await scenario.meanwhile?.(slipway, id);
      await slipway.over(id);
      const notices = await this.#noticesOf(id);
      const heard = () => this.#channel.heard.filter((notice) => notices.has(notice.id));
      await until(
        'every notice',
        async () => new Set(heard().map((notice) => notice.id)).size === notices.size,
        20_000,
      );
      const seen = async () => (await startsIn(shop)).slice(startsBefore);
      const witness = { slipway, shop, adapters, heard: heard(), since, seen };
      return { outcome: await outcomeOf(witness, id), resumedMs };
    } finally {
      await adapters.engine.remove(parseStackName(stack), { volumes: true }, AbortSignal.timeout(30_000));
      await shop.remove();
    }
  }

  async #restart(point: string): Promise<number> {
    await this.#slipway.ended(90_000).catch(() => {
      throw new Error(`the server never passed ${point}`);
    });
    const file = join(tmpdir(), `slipway-resumed-${process.pid}-${Date.now()}`);
    const startedAt = Date.now();
    const resumed = until('the first step after the restart', () => changedAt(file), 30_000, 10);
    await this.#slipway.run({ SLIPWAY_FAILPOINTS_FILE: file });
    try {
      return (await resumed) - startedAt;
    } finally {
      await rm(file, { force: true });
    }
  }

  async #newest(stack: string): Promise<number> {
    const store = await this.#slipway.store();
    const look = async () => (await listDeployments(store.db, { stack }, { limit: 1 }))[0]?.id;
    return until(`a deployment of ${stack}`, look, 20_000);
  }

  /** The ids of the notices that stand in the outbox for a deployment. */
  async #noticesOf(id: number): Promise<ReadonlySet<string>> {
    const store = await this.#slipway.store();
    const rows = store.db.selectFrom('outbox').innerJoin('events', 'events.seq', 'outbox.event').select('events.id');
    return new Set((await rows.where('events.deployment', '=', id).execute()).map((row) => row.id));
  }

  async close(): Promise<void> {
    await this.#clusters.close();
    await this.#slipway.dispose();
    await this.#channel.close();
  }
}

async function changedAt(file: string): Promise<number | undefined> {
  return stat(file).then(
    (found) => found.birthtimeMs || found.mtimeMs,
    () => undefined,
  );
}
