import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { versionedName } from '#domain/stack/files.ts';
import { parseStackName } from '#domain/stack-name.ts';
import { lastEventSeq } from '#store/events.ts';
import { derive } from '#store/sealing.ts';
import type { Clusters } from '#workflows/context.ts';
import { openClusters } from '../../src/clusters.ts';
import { startChannel } from '../support/channel.ts';
import { firstSettings, makeShop, type Shop } from '../support/shop.ts';
import { Slipway } from '../support/slipway.ts';
import { observeSwarm, removeImagesOf } from '../support/swarm-observer.ts';
import { until } from '../support/until.ts';
import { type CourseOutcome, outcomeOf, startsIn } from './outcome.ts';

/** A course of a deployment that is killed at its points. */
export interface Scenario {
  readonly name: string;
  /** What is there before the deployment under test. */
  readonly before?: (shop: Shop, push: () => Promise<void>) => Promise<void>;
  /** Makes the commit under test. */
  readonly change: (shop: Shop) => Promise<void>;
  /** What happens to the deployment while it goes on, and while the server is down. `seen`: the observer's lines until now. */
  readonly meanwhile?: (slipway: Slipway, id: number, seen: () => Promise<readonly string[]>) => Promise<void>;
  /** How it ends, killed or not. */
  readonly ends: Partial<CourseOutcome>;
  /** Lines of an observer that depend on when exactly a thing came: they are not compared. */
  readonly isChance?: (line: string) => boolean;
  /** What an observer sees happen to the live services and those of the test stack, by engine. */
  readonly seen: { readonly local: readonly string[]; readonly swarm: readonly string[] };
}

export interface KilledRun {
  readonly outcome: CourseOutcome;
  /** From the start of the new process to its first step, ms; `null`: it was not killed. */
  readonly resumedMs: number | null;
}

/** Who sees, beside Slipway, what happens to a shop's services. */
interface Observer {
  seen(shop: Shop): Promise<readonly string[]>;
  /** Removes what a course leaves beyond its stack. */
  clean(shop: Shop): Promise<void>;
  close(): void;
}

const localObserver: Observer = { seen: startsIn, clean: async () => undefined, close: () => undefined };

async function swarmObserver(socketPath: string): Promise<Observer> {
  const observer = await observeSwarm(socketPath);
  return {
    seen: (shop) => observer.about(shop.name),
    clean: (shop) => removeImagesOf(socketPath, shop.name),
    close: () => observer.close(),
  };
}

interface Parts {
  readonly slipway: Slipway;
  readonly clusters: Clusters;
  readonly channel: Awaited<ReturnType<typeof startChannel>>;
  readonly cluster: string;
  readonly observer: Observer;
}

/** One server after another on one data folder, on which courses run, killed or not. */
export class Stage {
  readonly #parts: Parts;
  readonly #slipway: Slipway;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#slipway = parts.slipway;
  }

  /** @param socketPath of the swarm; `null`: the local engine. */
  static async open(socketPath: string | null): Promise<Stage> {
    const slipway = await Slipway.start();
    const channel = await startChannel();
    await slipway.addChannel('ops', channel.url);
    if (socketPath !== null) await slipway.addSwarm('swarm', socketPath);
    const clusters = openClusters({ store: await slipway.store(), dataDirectory: slipway.data, log: () => undefined });
    const observer = socketPath === null ? localObserver : await swarmObserver(socketPath);
    return new Stage({ slipway, clusters, channel, observer, cluster: socketPath === null ? 'local' : 'swarm' });
  }

  /** The course without a kill, with the points that it passes, in order. */
  async record(scenario: Scenario): Promise<{ readonly outcome: CourseOutcome; readonly points: readonly string[] }> {
    const file = join(tmpdir(), `slipway-points-${process.pid}-${Date.now()}`);
    try {
      const { outcome } = await this.#course(scenario, () => this.#slipway.record(file), null);
      const points = (await readFile(file, 'utf8')).trim().split('\n');
      return { outcome, points };
    } finally {
      // what it still writes would make the file anew
      await this.#slipway.disarm();
      await rm(file, { force: true });
    }
  }

  /** The course with the server killed as it passes `point`, and started again. */
  async killAt(scenario: Scenario, point: string): Promise<KilledRun> {
    const own = point.replace(/settings_[0-9a-f]+/, await this.#settingsVersion());
    return this.#course(scenario, () => this.#slipway.arm(own), own);
  }

  /** The version in a file's name depends on the key of the data folder: a point recorded elsewhere has another. */
  async #settingsVersion(): Promise<string> {
    const { key } = await this.#slipway.store();
    const base64 = Buffer.from(firstSettings).toString('base64');
    return versionedName({ kind: 'config', key: 'settings', base64, external: null }, derive(key, 'versions'));
  }

  async #course(scenario: Scenario, arm: () => Promise<void>, point: string | null): Promise<KilledRun> {
    const { slipway, clusters, channel, cluster, observer } = this.#parts;
    // no course ends by its deadline, and beside so many others one may take long
    const shop = await makeShop({ cluster, deadline: '2m' });
    const stack = `${shop.name}-prod`;
    const adapters = await clusters.get(cluster);
    try {
      let earlier = 0;
      await scenario.before?.(shop, async () => {
        await shop.commit('before');
        await shop.push(slipway);
        earlier = await slipway.newest(stack);
        await slipway.over(earlier);
      });
      const since = await lastEventSeq((await slipway.store()).db);
      const seenBefore = (await observer.seen(shop)).length;
      await scenario.change(shop);
      await shop.commit('the change');
      await arm();
      // a kill may cut the push's answer; the push itself has arrived
      await shop.push(slipway).catch(() => '');
      const seen = async () => (await observer.seen(shop)).slice(seenBefore);
      const meanwhile = slipway.newest(stack, earlier).then((found) => scenario.meanwhile?.(slipway, found, seen));
      const resumedMs = point === null ? null : await this.#restart(point);
      const id = await slipway.newest(stack, earlier);
      await slipway.over(id);
      await meanwhile;
      const notices = await this.#noticesOf(id);
      const heard = () => channel.heard.filter((notice) => notices.has(notice.id));
      // a sender killed in the middle of a delivery holds its lease for 15 s more
      await until(
        'every notice',
        async () => new Set(heard().map((notice) => notice.id)).size === notices.size,
        60_000,
      );
      const witness = { slipway, shop, adapters, heard: heard(), since, seen };
      const outcome = await outcomeOf(witness, id);
      const certain = outcome.seen.filter((line) => scenario.isChance?.(line) !== true);
      return { outcome: { ...outcome, seen: certain }, resumedMs };
    } finally {
      await adapters.engine.remove(parseStackName(stack), { volumes: true }, AbortSignal.timeout(30_000));
      await observer.clean(shop);
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

  /** The ids of the notices that stand in the outbox for a deployment. */
  async #noticesOf(id: number): Promise<ReadonlySet<string>> {
    const store = await this.#slipway.store();
    const rows = store.db.selectFrom('outbox').innerJoin('events', 'events.seq', 'outbox.event').select('events.id');
    return new Set((await rows.where('events.deployment', '=', id).execute()).map((row) => row.id));
  }

  async close(): Promise<void> {
    const { clusters, slipway, channel, observer } = this.#parts;
    observer.close();
    await clusters.close();
    await slipway.dispose();
    await channel.close();
  }
}

async function changedAt(file: string): Promise<number | undefined> {
  return stat(file).then(
    (found) => found.birthtimeMs || found.mtimeMs,
    () => undefined,
  );
}
