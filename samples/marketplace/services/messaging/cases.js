import { once } from 'node:events';
import WebSocket from 'ws';
import { eventually, expect } from './selftest.js';
import { self } from './service.js';

/** A room that no offer has, the database counting up from 1, and no other instance either. */
const ROOM = String(900_000_000_000_000 + Math.floor(Math.random() * 99_999_999_999_999));

/** @param {string} room @param {string} name */
async function visit(room, name) {
  const socket = new WebSocket(`${self.replace('http', 'ws')}/ws?offer=${room}&name=${name}`);
  /** @type {any[]} */
  const heard = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  await once(socket, 'open');
  await eventually('the history comes first', async () => heard[0]?.type === 'history');
  return { socket, heard };
}

/** @param {ReturnType<import('./rooms.js').roomsOver>} rooms @param {import('./rooms.js').Cache} cache */
export const cases = (rooms, cache) => ({
  'the cache keeps a value': async () => {
    const value = String(Math.random());
    await cache.setEx(`self-test:${value}`, 10, value);
    expect((await cache.get(`self-test:${value}`)) === value, 'it answered another value');
  },
  'what one visitor says, the other hears': async () => {
    const [ann, ben] = [await visit(ROOM, 'Ann'), await visit(ROOM, 'Ben')];
    try {
      ann.socket.send(JSON.stringify({ text: 'Is it still there?' }));
      const message = await eventually('the message comes', async () => ben.heard.find((one) => one.type === 'message'));
      expect(message.name === 'Ann' && message.text === 'Is it still there?', JSON.stringify(message));
    } finally {
      for (const { socket } of [ann, ben]) socket.close();
      await rooms.forget(ROOM);
    }
  },
  'a later visitor reads what was said': async () => {
    await rooms.say(ROOM, 'Ann', 'Hello');
    try {
      const { messages } = await (await fetch(`${self}/offers/${ROOM}/messages`)).json();
      expect(messages.at(-1)?.text === 'Hello', JSON.stringify(messages));
      const { socket, heard } = await visit(ROOM, 'Ben');
      socket.close();
      expect(heard[0].messages.at(-1)?.text === 'Hello', JSON.stringify(heard));
    } finally {
      await rooms.forget(ROOM);
    }
  },
  'the feed tells what changes': async () => {
    const { socket, heard } = await visit('feed', 'Ann');
    try {
      await cache.publish('events', JSON.stringify({ type: 'self-test', id: ROOM }));
      await eventually('the event comes', async () => heard.some((one) => one.type === 'self-test'));
    } finally {
      socket.close();
    }
  },
  'an unknown room is refused': async () => {
    const socket = new WebSocket(`${self.replace('http', 'ws')}/ws?offer=nowhere`);
    const [error] = await once(socket, 'error');
    expect(/404/.test(error.message), error.message);
  },
});
