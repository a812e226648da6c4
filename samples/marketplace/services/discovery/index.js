/** @typedef {{ id: string, title: string, description: string, category: string, place: string, createdAt: string }} Offer */

const MOST = 60;
/** A word in the title says more than one in the text. @type {[keyof Offer, number][]} */
const WEIGHTS = [['title', 6], ['category', 3], ['place', 2], ['description', 1]];

/** Words as they are compared: lower case, without accents. @param {string} text */
export const wordsOf = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** An inverted index in memory: word → offer → weight. Every instance has its own and fills it from the api. */
export function createIndex() {
  /** @type {Map<string, Map<string, number>>} */
  let words = new Map();
  /** @type {Map<string, Offer>} */
  let offers = new Map();

  /** @param {string} id */
  const remove = (id) => {
    if (!offers.delete(id)) return;
    for (const [word, found] of words) if (found.delete(id) && found.size === 0) words.delete(word);
  };

  /** @param {Offer} offer */
  const put = (offer) => {
    remove(offer.id);
    offers.set(offer.id, offer);
    for (const [field, weight] of WEIGHTS) {
      for (const word of wordsOf(offer[field])) {
        const found = words.get(word) ?? new Map();
        words.set(word, found.set(offer.id, (found.get(offer.id) ?? 0) + weight));
      }
    }
  };

  /** How well each offer fits one word of a query; a word's beginning counts half. @param {string} wanted */
  const fitting = (wanted) => {
    /** @type {Map<string, number>} */
    const scores = new Map();
    for (const [word, found] of words) {
      if (!word.startsWith(wanted)) continue;
      for (const [id, weight] of found) scores.set(id, (scores.get(id) ?? 0) + (word === wanted ? weight : weight / 2));
    }
    return scores;
  };

  return {
    put,
    remove,

    /** @param {Offer[]} all */
    replace(all) {
      words = new Map();
      offers = new Map();
      all.forEach(put);
    },

    /** Offers that have every word of the query, best first; all, newest first, for an empty one.
     * @param {string} query @param {string} category '' for any */
    search(query, category) {
      const wanted = wordsOf(query);
      const scored = wanted.map(fitting);
      const hits = [...offers.values()]
        .filter((offer) => (!category || offer.category === category) && scored.every((scores) => scores.has(offer.id)))
        .map((offer) => ({ offer, score: scored.reduce((sum, scores) => sum + (scores.get(offer.id) ?? 0), 0) }))
        .sort((a, b) => b.score - a.score || b.offer.createdAt.localeCompare(a.offer.createdAt));
      return { total: hits.length, offers: hits.slice(0, MOST).map(({ offer }) => offer) };
    },
  };
}
