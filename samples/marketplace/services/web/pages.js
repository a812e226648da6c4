/**
 * @typedef {{ style: string, live: string }} Assets
 * @typedef {{ name: string, open: number, typicalCents?: number }} Category
 * @typedef {{ id: string, title: string, description: string, category: string, seller: string, place: string,
 *   priceCents: number, state: string, createdAt: string, expiresAt: string }} Offer
 */

const NAME = 'Quayside';
/** Drawn on a 48 × 48 field. @type {Record<string, string>} */
const DRAWINGS = {
  bicycles: '<circle cx="12" cy="32" r="8"/><circle cx="36" cy="32" r="8"/><path d="M12 32l8-16h13l3 16M17 22h17M24 32l-7-10M24 32l10-10M17 16h6M31 16l-1-4h5"/>',
  cameras: '<rect x="6" y="15" width="36" height="24" rx="4"/><circle cx="24" cy="27" r="8"/><circle cx="24" cy="27" r="3"/><path d="M16 15l3-5h10l3 5M36 20h1"/>',
  furniture: '<path d="M14 8v18M34 8v18M14 12h20M14 18h20M11 26h26v5H11zM14 31v10M34 31v10"/>',
  music: '<path d="M18 36V12l20-4v24"/><circle cx="13" cy="36" r="5"/><circle cx="33" cy="32" r="5"/><path d="M18 18l20-4"/>',
  books: '<path d="M24 13c-5-4-11-4-17-3v27c6-1 12-1 17 3 5-4 11-4 17-3V10c-6-1-12-1-17 3zM24 13v27M12 17h6M12 23h6M30 17h6M30 23h6"/>',
  garden: '<path d="M24 42V20M24 28c-10 0-14-6-14-14 9 0 14 5 14 14zM24 22c0-8 5-13 14-13 0 8-5 13-14 13zM14 42h20"/>',
};

/** Text that is HTML already. */
class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/** A template whose values are escaped, unless they are HTML made here.
 * @param {TemplateStringsArray} strings @param {...unknown} values */
const html = (strings, ...values) =>
  new Html(strings.map((text, i) => (i < values.length ? text + rendered(values[i]) : text)).join(''));

/** @param {unknown} value @returns {string} */
function rendered(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR', trailingZeroDisplay: 'stripIfInteger' });
const price = (/** @type {number} */ cents) => euros.format(cents / 100);
const day = (/** @type {string} */ time) => new Date(time).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
const capital = (/** @type {string} */ text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {string} category */
const drawing = (category) =>
  html`<svg class="drawing" viewBox="0 0 48 48" aria-hidden="true">${new Html(DRAWINGS[category] ?? '<circle cx="24" cy="24" r="12"/>')}</svg>`;

/** @param {{ assets: Assets, title: string, q?: string, body: Html }} page */
const layout = ({ assets, title, q = '', body }) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%230f5257'/%3E%3Cpath d='M6 21q5-5 10 0t10 0' fill='none' stroke='%23fff' stroke-width='3'/%3E%3C/svg%3E">
<link rel="stylesheet" href="${assets.style}">
<script type="module" src="${assets.live}"></script>
</head>
<body>
<header class="top"><div class="wide">
<a class="brand" href="/"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M5 21q5.500-5 11 0t11 0M5 27q5.500-5 11 0t11 0M16 4v13M16 6l8 9h-8"/></svg>${NAME}</a>
<form class="search" action="/" role="search"><input type="search" name="q" value="${q}" placeholder="Search for a desk, a camera, a piano …" aria-label="Search"></form>
<a class="button" href="/sell">Sell something</a>
</div></header>
<main class="wide">${body}</main>
<footer class="wide">${NAME} is the sample of a deployment platform: nothing here is really for sale.</footer>
</body>
</html>`.text;

/** @param {Offer} offer */
const card = (offer) => html`<li><a class="card" href="/offers/${offer.id}">
<span class="picture ${offer.category}">${drawing(offer.category)}</span>
<span class="words"><strong class="price">${price(offer.priceCents)}</strong>
<span class="title">${offer.title}</span>
<span class="where">${offer.place} · ${day(offer.createdAt)}</span></span></a></li>`;

/** @param {{ assets: Assets, q: string, category: string, categories: Category[], offers: Offer[], searchAway: boolean }} home */
export function homePage({ assets, q, category, categories, offers, searchAway }) {
  const link = (/** @type {string} */ name) => `/?${new URLSearchParams({ ...(q && { q }), ...(name && { category: name }) })}`;
  const chip = (/** @type {string} */ name, /** @type {string} */ label, /** @type {number} */ open) =>
    html`<a href="${link(name)}" ${name === category ? html`aria-current="true"` : ''}>${label} <small>${open}</small></a>`;
  const all = categories.reduce((sum, { open }) => sum + open, 0);
  const heading = q ? html`Found for “${q}”` : category ? capital(category) : html`Good things, second hand`;
  const nothing = searchAway ? 'The search is away for a moment. Please try again.' : 'Nothing here yet. Be the first to offer something.';
  return layout({
    assets,
    title: q ? `${q} · ${NAME}` : NAME,
    q,
    body: html`<nav class="chips" aria-label="Categories">${chip('', 'Everything', all)}${categories.map(({ name, open }) => chip(name, capital(name), open))}</nav>
<div class="heading"><h1>${heading}</h1><p id="feed" hidden></p></div>
${offers.length > 0 ? html`<ul class="cards">${offers.map(card)}</ul>` : html`<p class="nothing">${nothing}</p>`}`,
  });
}

/** @param {{ assets: Assets, offer: Offer, category?: Category | undefined, notice?: string | undefined }} page */
export function offerPage({ assets, offer, category, notice }) {
  const open = offer.state === 'open';
  const typical = category?.typicalCents;
  const hint = typical && category.open > 2 && html`<p class="hint">Typical for ${offer.category}: ${price(typical)}</p>`;
  return layout({
    assets,
    title: `${offer.title} · ${NAME}`,
    body: html`${notice && html`<p class="notice" role="status">${notice}</p>`}
<article class="offer" data-offer="${offer.id}">
<div class="picture large ${offer.category}">${drawing(offer.category)}${open ? '' : html`<span class="stamp">${offer.state}</span>`}</div>
<section class="about"><a class="crumb" href="/?category=${offer.category}">${capital(offer.category)}</a>
<h1>${offer.title}</h1>
<p class="sum">${price(offer.priceCents)}</p>${hint}
<p class="text">${offer.description}</p>
<dl><div><dt>Seller</dt><dd>${offer.seller}</dd></div><div><dt>Place</dt><dd>${offer.place}</dd></div><div><dt>${open ? 'Open until' : 'Offered until'}</dt><dd>${day(offer.expiresAt)}</dd></div></dl>
${open ? html`<form method="post" action="/offers/${offer.id}/buy"><button class="button big">Buy for ${price(offer.priceCents)}</button></form>` : html`<p class="gone">This offer is ${offer.state}.</p>`}
</section>
<section class="talk" aria-label="Messages"><h2>Ask ${offer.seller} <small id="state">connecting …</small></h2>
<ol id="messages" aria-live="polite"></ol>
<form id="say"><input name="name" placeholder="Your name" aria-label="Your name" maxlength="40" autocomplete="name" required><input name="text" placeholder="Is it still available?" aria-label="Message" maxlength="500" autocomplete="off" required><button class="button">Send</button></form>
</section>
</article>`,
  });
}

/** @param {{ assets: Assets, values: Record<string, string>, wrong: Record<string, string>, category: string }} page */
export function sellPage({ assets, values, wrong, category }) {
  const field = (/** @type {string} */ name, /** @type {string} */ label, /** @type {Html} */ input) =>
    html`<label class="field ${wrong[name] ? 'wrong' : ''}">${label}${input}${wrong[name] && html`<em>${wrong[name]}</em>`}</label>`;
  return layout({
    assets,
    title: `Sell something · ${NAME}`,
    body: html`<div class="heading"><h1>Sell something</h1></div>
<form class="sheet" method="post" action="/sell">
${field('title', 'What is it?', html`<input name="title" maxlength="80" required value="${values.title}" placeholder="Oak writing desk, 1960s">`)}
${field('description', 'Tell its story', html`<textarea name="description" rows="5" maxlength="2000" required placeholder="Age, condition, size …">${values.description}</textarea>`)}
<div class="pair">${field('category', 'Category', html`<select name="category">${Object.keys(DRAWINGS).map((name) => html`<option value="${name}" ${name === category ? html`selected` : ''}>${capital(name)}</option>`)}</select>`)}
${field('priceCents', 'Price in euros', html`<input name="price" inputmode="decimal" required value="${values.price}" placeholder="120">`)}</div>
<div class="pair">${field('seller', 'Your name', html`<input name="seller" maxlength="40" required autocomplete="name" value="${values.seller}">`)}
${field('place', 'Place', html`<input name="place" maxlength="60" required value="${values.place}">`)}</div>
${field('days', 'How long?', html`<select name="days">${[7, 14, 30, 60].map((days) => html`<option value="${days}" ${String(days) === (values.days ?? '30') ? html`selected` : ''}>${days} days</option>`)}</select>`)}
<button class="button big">Place the offer</button>
</form>`,
  });
}

/** @param {{ assets: Assets }} page */
export const notFoundPage = ({ assets }) =>
  layout({ assets, title: NAME, body: html`<p class="nothing">This page has sailed. <a href="/">Back to the offers</a></p>` });
