import { once } from 'node:events';
import { request } from 'node:http';
import { expect } from './selftest.js';
import { self } from './service.js';

/** @param {{ api: string }} addresses */
export const cases = ({ api }) => ({
  'the list shows the offers': async () => {
    const answer = await fetch(self);
    const text = await answer.text();
    expect(answer.status === 200 && text.includes('class="chips"'), `answered ${answer.status}`);
  },
  'an offer is placed by the form, shown on its page, and nothing in it is taken for HTML': async () => {
    const form = { title: 'A <b>lamp</b>', description: 'Self-test', category: 'furniture', seller: 'self-test', place: 'here', price: '12.50', days: '7' };
    const answer = await fetch(`${self}/sell`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
    const location = answer.headers.get('location') ?? '';
    expect(answer.status === 303 && location.startsWith('/offers/'), `answered ${answer.status} ${location}`);
    try {
      const text = await (await fetch(`${self}${location}`)).text();
      expect(text.includes('A &#60;b&#62;lamp') && text.includes('€12.50'), 'the page does not show it');
    } finally {
      await fetch(`${api}${location}`, { method: 'DELETE' });
    }
  },
  'an incomplete form comes back with what is wrong': async () => {
    const answer = await fetch(`${self}/sell`, { method: 'POST', body: new URLSearchParams({ title: 'Lamp' }) });
    const text = await answer.text();
    expect(answer.status === 422 && text.includes('value="Lamp"') && text.includes('field wrong'), `answered ${answer.status}`);
  },
  'an offer that is not there gives a page that says so': async () => {
    const answer = await fetch(`${self}/offers/999999999999`);
    expect(answer.status === 404 && (await answer.text()).includes('Back to the offers'), `answered ${answer.status}`);
  },
  'the search answers': async () => {
    const text = await (await fetch(`${self}/?q=piano`)).text();
    expect(text.includes('Found for') && !text.includes('search is away'), 'it is away');
  },
  'a websocket reaches the messages': async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'c2xpcHdheS1zZWxmdGVzdA==' };
    const asked = request(`${self}/ws?offer=feed`, { headers });
    asked.on('response', ({ statusCode }) => asked.emit('error', new Error(`answered ${statusCode}`)));
    asked.end();
    const [answer, socket] = await once(asked, 'upgrade');
    socket.destroy();
    expect(answer.statusCode === 101, `answered ${answer.statusCode}`);
  },
  'style and script are kept by browsers for good': async () => {
    const text = await (await fetch(self)).text();
    for (const [, href] of text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
      const answer = await fetch(`${self}${href}`);
      expect(answer.ok && answer.headers.get('cache-control')?.includes('immutable'), `${href} answered ${answer.status}`);
    }
  },
});
