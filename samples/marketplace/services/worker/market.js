/**
 * What follows from a change in the marketplace.
 * @param {import('pg').Pool} db @param {import('./jobs.js').Cache} cache
 */
export function marketOf(db, cache) {
  /** Typical, lowest and highest price of a category's open offers, for the pages. @param {string} category */
  const count = async (category) => {
    const { rows } = await db.query(
      `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price_cents)::int AS "typicalCents",
         min(price_cents) AS "lowestCents", max(price_cents) AS "highestCents"
       FROM offers WHERE category = $1 AND state = 'open'`,
      [category],
    );
    if (rows[0].typicalCents === null) await cache.hDel('figures', category);
    else await cache.hSet('figures', category, JSON.stringify(rows[0]));
    return rows[0];
  };

  /** Tells discovery and the open pages. @param {string} type @param {string} id */
  const tell = (type, id) => cache.publish('events', JSON.stringify({ type, id }));

  return {
    count,

    async countAll() {
      const { rows } = await db.query('SELECT DISTINCT category FROM offers');
      for (const { category } of rows) await count(category);
    },

    /** @param {import('./jobs.js').Job} job */
    async follow({ type, id, category }) {
      await count(category);
      await tell(type, id);
    },

    /** Closes the offers whose time is up. Two workers at once close each offer once. */
    async expire() {
      const { rows } = await db.query(
        "UPDATE offers SET state = 'expired' WHERE state = 'open' AND expires_at <= now() RETURNING id::text, category",
      );
      for (const { id, category } of rows) {
        await cache.del(`offer:${id}`);
        await count(category);
        await tell('offer.expired', id);
      }
      return rows.map(({ id }) => id);
    },
  };
}
