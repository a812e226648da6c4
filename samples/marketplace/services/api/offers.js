import { samples } from './samples.js';
import { Refused } from './service.js';

/**
 * @typedef {{ id: string, title: string, description: string, category: string, seller: string, place: string,
 *   priceCents: number, state: 'open' | 'sold' | 'expired', createdAt: string, expiresAt: string }} Offer
 * @typedef {Omit<Offer, 'id' | 'state' | 'createdAt' | 'expiresAt'> & { days: number }} Draft
 */

export const CATEGORIES = ['bicycles', 'cameras', 'furniture', 'music', 'books', 'garden'];
const CACHED_SECONDS = 30;
/** Several instances may start at once; one of them makes the tables. */
const SCHEMA_LOCK = 72_001;
const COLUMNS = `id::text, title, description, category, seller, place, price_cents AS "priceCents", state,
  created_at AS "createdAt", expires_at AS "expiresAt"`;

/** Makes the tables, and fills an empty marketplace with a few offers. @param {import('pg').Pool} db */
export async function prepare(db) {
  const client = await db.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS offers (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      title text NOT NULL,
      description text NOT NULL,
      category text NOT NULL,
      seller text NOT NULL,
      place text NOT NULL,
      price_cents integer NOT NULL CHECK (price_cents > 0),
      state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'sold', 'expired')),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL
    )`);
    await client.query("CREATE INDEX IF NOT EXISTS offers_open ON offers (category, created_at DESC) WHERE state = 'open'");
    const { rowCount } = await client.query('SELECT 1 FROM offers LIMIT 1');
    if (rowCount === 0) for (const draft of samples) await insert(client, draft);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** @param {{ query: import('pg').ClientBase['query'] }} db @param {Draft} draft @returns {Promise<Offer>} */
async function insert(db, draft) {
  const { rows } = await db.query(
    `INSERT INTO offers (title, description, category, seller, place, price_cents, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7)) RETURNING ${COLUMNS}`,
    [draft.title, draft.description, draft.category, draft.seller, draft.place, draft.priceCents, draft.days],
  );
  return rows[0];
}

/** The marketplace's offers. @param {import('pg').Pool} db @param {import('@redis/client').RedisClientType<{}, {}, {}, 3, {}>} cache */
export function offersIn(db, cache) {
  /** The worker does what follows from a change: figures, search index, live pages. What it misses while the cache is
   * away, it and discovery make up for in their next full pass.
   * @param {string} what @param {Offer} offer */
  const changed = async (what, offer) => {
    const job = { type: what, id: offer.id, category: offer.category, at: Date.now() };
    // Not removed but written: a reader that looked before the change must not put the old offer back (see `get`).
    const now = JSON.stringify(what === 'offer.withdrawn' ? null : offer);
    await orWithout(cache.multi().setEx(`offer:${offer.id}`, CACHED_SECONDS, now).lPush('jobs', JSON.stringify(job)).exec());
    return offer;
  };

  return {
    /** Open offers, newest first. @param {URLSearchParams} query `category`, `limit` (at most 500) */
    async list(query) {
      const limit = Math.min(Number(query.get('limit')) || 60, 500);
      const { rows } = await db.query(
        `SELECT ${COLUMNS} FROM offers WHERE state = 'open' AND ($1::text IS NULL OR category = $1)
         ORDER BY created_at DESC, id DESC LIMIT $2`,
        [query.get('category') || null, limit],
      );
      return { offers: /** @type {Offer[]} */ (rows) };
    },

    /** @param {string} id @returns {Promise<Offer | undefined>} */
    async get(id) {
      const cached = await orWithout(cache.get(`offer:${id}`));
      if (cached) return JSON.parse(cached) ?? undefined;
      const { rows } = await db.query(`SELECT ${COLUMNS} FROM offers WHERE id = $1`, [id]);
      if (rows[0]) await orWithout(cache.set(`offer:${id}`, JSON.stringify(rows[0]), { condition: 'NX', expiration: { type: 'EX', value: CACHED_SECONDS } }));
      return rows[0];
    },

    /** @param {unknown} input */
    async place(input) {
      return changed('offer.created', await insert(db, draftFrom(input)));
    },

    /** The first buyer gets it. @param {string} id */
    async buy(id) {
      const { rows } = await db.query(
        `UPDATE offers SET state = 'sold' WHERE id = $1 AND state = 'open' AND expires_at > now() RETURNING ${COLUMNS}`,
        [id],
      );
      if (!rows[0]) throw new Refused(409, 'this offer is gone');
      return changed('offer.sold', rows[0]);
    },

    /** @param {string} id @returns {Promise<Offer | undefined>} */
    async withdraw(id) {
      const { rows } = await db.query(`DELETE FROM offers WHERE id = $1 RETURNING ${COLUMNS}`, [id]);
      return rows[0] && changed('offer.withdrawn', rows[0]);
    },

    /** Every category with its open offers, and the figures that the worker keeps. */
    async categories() {
      const { rows } = await db.query("SELECT category, count(*)::int AS open FROM offers WHERE state = 'open' GROUP BY 1");
      const open = new Map(rows.map((row) => [row.category, row.open]));
      const figures = (await orWithout(cache.hGetAll('figures'))) ?? {};
      return {
        categories: CATEGORIES.map((name) => ({ name, open: open.get(name) ?? 0, ...JSON.parse(figures[name] ?? '{}') })),
      };
    },
  };
}

/** The cache makes answers quick; without it they are still right. @template T @param {Promise<T>} asked */
const orWithout = (asked) =>
  asked.catch((error) => {
    console.error('cache:', error.message);
    return undefined;
  });

/** Checks what a seller sent. @param {any} input @returns {Draft} */
function draftFrom(input) {
  /** @type {Record<string, string>} */
  const wrong = {};
  const text = (/** @type {string} */ field, /** @type {number} */ most) => {
    const value = typeof input?.[field] === 'string' ? input[field].trim() : '';
    if (value.length < 1 || value.length > most) wrong[field] = `1 to ${most} characters`;
    return value;
  };
  const draft = {
    title: text('title', 80),
    description: text('description', 2_000),
    category: text('category', 40),
    seller: text('seller', 40),
    place: text('place', 60),
    priceCents: Number(input?.priceCents),
    days: Number(input?.days ?? 30),
  };
  if (!CATEGORIES.includes(draft.category)) wrong.category = `one of ${CATEGORIES.join(', ')}`;
  if (!Number.isInteger(draft.priceCents) || draft.priceCents < 1 || draft.priceCents > 100_000_000) {
    wrong.priceCents = 'a price between 0.01 and 1,000,000';
  }
  if (!Number.isInteger(draft.days) || draft.days < 1 || draft.days > 60) wrong.days = '1 to 60 days';
  if (Object.keys(wrong).length > 0) throw new Refused(422, 'the offer is not complete', wrong);
  return draft;
}
