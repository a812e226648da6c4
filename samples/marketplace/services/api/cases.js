import { expect } from './selftest.js';
import { self } from './service.js';

const draft = {
  title: 'Self-test lamp', description: 'Made and withdrawn by GET /test.', category: 'furniture',
  seller: 'self-test', place: 'here', priceCents: 1_000, days: 1,
};

/** Each case leaves the marketplace as it found it.
 * @param {ReturnType<import('./offers.js').offersIn>} offers @param {import('pg').Pool} db
 * @param {import('@redis/client').RedisClientType<{}, {}, {}, 3, {}>} cache */
export const cases = (offers, db, cache) => ({
  'PostgreSQL answers': async () => {
    const { rows } = await db.query('SELECT 1 AS one');
    expect(rows[0].one === 1, `answered ${JSON.stringify(rows)}`);
  },
  'the cache keeps a value': async () => {
    const value = String(Math.random());
    await cache.setEx(`self-test:${value}`, 10, value);
    expect((await cache.get(`self-test:${value}`)) === value, 'it answered another value');
  },
  'an offer is placed, listed, bought once and withdrawn': async () => {
    const offer = await offers.place(draft);
    try {
      const { offers: listed } = await (await fetch(`${self}/offers?category=furniture`)).json();
      expect(listed.some((/** @type {{ id: string }} */ one) => one.id === offer.id), 'it is not listed');
      const buy = () => fetch(`${self}/offers/${offer.id}/buy`, { method: 'POST' });
      expect((await buy()).status === 200, 'it could not be bought');
      expect((await buy()).status === 409, 'it was sold twice');
    } finally {
      await offers.withdraw(offer.id);
    }
    expect((await fetch(`${self}/offers/${offer.id}`)).status === 404, 'it is still there');
  },
  'an offer is answered from the cache the second time': async () => {
    const offer = await offers.place(draft);
    try {
      await offers.get(offer.id);
      expect(await cache.exists(`offer:${offer.id}`), 'it was not kept');
      expect((await offers.get(offer.id))?.title === draft.title, 'the kept offer differs');
    } finally {
      await offers.withdraw(offer.id);
    }
  },
  'an incomplete offer is refused, field by field': async () => {
    const answer = await fetch(`${self}/offers`, { method: 'POST', body: JSON.stringify({ title: 'Lamp', priceCents: -1 }) });
    const { fields } = await answer.json();
    expect(answer.status === 422 && fields.description && fields.priceCents && !fields.title, `answered ${answer.status} ${JSON.stringify(fields)}`);
  },
  'every category is counted': async () => {
    const { categories } = await offers.categories();
    expect(categories.length === 6 && categories.every(({ open }) => open >= 0), JSON.stringify(categories));
  },
});
