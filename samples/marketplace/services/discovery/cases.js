import { createIndex, wordsOf } from './index.js';
import { eventually, expect } from './selftest.js';
import { self, setting } from './service.js';

const api = setting('API_URL', 'http://api:3000');
const offer = (/** @type {string} */ id, /** @type {string} */ title, description = '') => ({
  id, title, description, category: 'music', place: 'Here', createdAt: `2026-01-0${id}`,
});

/** @param {ReturnType<typeof createIndex>} live @param {() => Promise<void>} fullPass */
export const cases = (live, fullPass) => ({
  'words are compared without case and accents': async () => {
    expect(wordsOf('Crème BRÛLÉE, 2×').join() === 'creme,brulee,2', wordsOf('Crème BRÛLÉE, 2×').join());
  },
  'a title counts more than a text, a word more than its beginning': async () => {
    const index = createIndex();
    index.replace([offer('1', 'Stool', 'for a piano'), offer('2', 'Piano'), offer('3', 'Pianola')]);
    const ids = index.search('piano', '').offers.map(({ id }) => id).join();
    expect(ids === '2,3,1', ids);
  },
  'every word must fit, and so must the category': async () => {
    const index = createIndex();
    index.replace([offer('1', 'Red piano'), offer('2', 'Red bicycle')]);
    expect(index.search('red piano', '').total === 1, 'one word was enough');
    expect(index.search('red', 'garden').total === 0, 'another category fitted');
  },
  'what is removed is not found': async () => {
    const index = createIndex();
    index.put(offer('1', 'Piano'));
    index.remove('1');
    expect(index.search('piano', '').total === 0, 'it was found');
  },
  'the api can be read in full': async () => {
    await eventually('every offer is in the index', async () => {
      await fullPass();
      const { offers } = await (await fetch(`${api}/offers?limit=60`)).json();
      const known = new Set(live.search('', '').offers.map(({ id }) => id));
      return offers.every((/** @type {{ id: string }} */ { id }) => known.has(id));
    });
  },
  'a placed offer is found, a withdrawn one is not': async () => {
    const word = `selftest${Math.random().toString(36).slice(2)}`;
    const body = JSON.stringify({ title: word, description: 'x', category: 'music', seller: 'self-test', place: 'here', priceCents: 100, days: 1 });
    const { id } = await (await fetch(`${api}/offers`, { method: 'POST', body })).json();
    const total = async () => (await (await fetch(`${self}/search?q=${word}`)).json()).total;
    /** The event comes by way of the worker, which may not be up yet: a full pass finds it too. */
    await eventually('it is found', async () => fullPass().then(async () => (await total()) === 1));
    await fetch(`${api}/offers/${id}`, { method: 'DELETE' });
    await eventually('it is gone', async () => fullPass().then(async () => (await total()) === 0));
  },
});
