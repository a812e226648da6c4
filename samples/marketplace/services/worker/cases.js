import { eventually, expect } from './selftest.js';

/** A category of this instance's own, so that nobody's figures change. */
const CATEGORY = `self-test-${Math.random().toString(36).slice(2)}`;

/** @param {ReturnType<import('./market.js').marketOf>} market @param {ReturnType<import('./jobs.js').jobsOn>} jobs
 * @param {import('pg').Pool} db @param {import('./jobs.js').Cache} cache */
export const cases = (market, jobs, db, cache) => {
  /** @param {number[]} prices @param {string} expires @param {(ids: string[]) => Promise<void>} use */
  const withOffers = async (prices, expires, use) => {
    const { rows } = await db.query(
      `INSERT INTO offers (title, description, category, seller, place, price_cents, expires_at)
       SELECT 'self-test', 'self-test', $1, 'self-test', 'here', price, now() + $3::interval FROM unnest($2::int[]) AS price
       RETURNING id::text`,
      [CATEGORY, prices, expires],
    );
    try {
      await use(rows.map(({ id }) => id));
    } finally {
      await db.query('DELETE FROM offers WHERE category = $1', [CATEGORY]);
      await cache.hDel('figures', CATEGORY);
    }
  };

  return {
    'PostgreSQL answers': async () => {
      const { rows } = await db.query('SELECT 1 AS one');
      expect(rows[0].one === 1, `answered ${JSON.stringify(rows)}`);
    },
    'the typical price is the one in the middle': async () => {
      await withOffers([100, 900, 300], '1 day', async () => {
        const figures = await market.count(CATEGORY);
        expect(figures.typicalCents === 300 && figures.lowestCents === 100 && figures.highestCents === 900, JSON.stringify(figures));
      });
    },
    'a queued job is done and told': async () => {
      const ears = cache.duplicate();
      await ears.connect();
      /** @type {string[]} */
      const heard = [];
      try {
        await ears.subscribe('events', (text) => heard.push(JSON.parse(text).id));
        await withOffers([500], '1 day', async ([id = '']) => {
          await cache.lPush('jobs', JSON.stringify({ type: 'offer.created', id, category: CATEGORY, at: Date.now() }));
          await eventually('the event comes', async () => heard.includes(id));
          await eventually('the figures are there', async () => (await cache.hGet('figures', CATEGORY)) !== null);
        });
      } finally {
        ears.destroy();
      }
    },
    'an offer whose time is up is closed, once': async () => {
      await withOffers([100], '-1 second', async ([id = '']) => {
        await market.expire();
        const { rows } = await db.query('SELECT state FROM offers WHERE id = $1', [id]);
        expect(rows[0]?.state === 'expired', JSON.stringify(rows));
        expect(!(await market.expire()).includes(id), 'it was closed twice');
      });
    },
    'a job of a worker that died is taken up': async () => {
      const lost = JSON.stringify({ type: 'self-test', id: '0', category: CATEGORY, at: Date.now() - 120_000 });
      await cache.lPush('jobs:taken', lost);
      await jobs.takeUpLost();
      await eventually('nothing lost is left', async () => !(await cache.lRange('jobs:taken', 0, -1)).includes(lost));
    },
  };
};
