import { WebSocketServer } from 'ws';

/**
 * @typedef {{ name: string, text: string, at: string }} Message
 * @typedef {import('@redis/client').RedisClientType<{}, {}, {}, 3, {}>} Cache
 */

const KEPT = 50;
const KEPT_SECONDS = 60 * 24 * 3_600;
const TEXT = 500;
const NAME = 40;
/** Proxies cut what is silent for a minute. */
const PING_MS = 25_000;

/**
 * A room for each offer, and the room `feed` that tells what changes in the marketplace. Whoever speaks is heard by
 * everyone in the room, whichever instance they are connected to: messages go through the cache's channels.
 * @param {Cache} cache @param {Cache} ears a connection of its own, for the channels
 */
export function roomsOver(cache, ears) {
  const server = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 });
  /** @type {Map<string, Set<import('ws').WebSocket>>} */
  const rooms = new Map();

  /** @param {string} room @param {string} text */
  const tell = (room, text) => {
    for (const socket of rooms.get(room) ?? []) if (socket.readyState === socket.OPEN) socket.send(text);
  };

  const pings = setInterval(() => {
    for (const socket of server.clients) socket.ping();
  }, PING_MS);

  /** @param {string} room @returns {Promise<Message[]>} */
  const history = async (room) => (await cache.lRange(`messages:${room}`, 0, -1)).map((one) => JSON.parse(one));

  /** @param {string} room @param {string} name @param {string} text */
  const say = async (room, name, text) => {
    const message = { name, text, at: new Date().toISOString() };
    const key = `messages:${room}`;
    await cache.multi().rPush(key, JSON.stringify(message)).lTrim(key, -KEPT, -1).expire(key, KEPT_SECONDS).exec();
    await cache.publish(`room:${room}`, JSON.stringify({ type: 'message', ...message }));
  };

  /** @param {import('ws').WebSocket} socket @param {string} room @param {string} name */
  const admit = async (socket, room, name) => {
    const there = rooms.get(room) ?? new Set();
    rooms.set(room, there.add(socket));
    socket.on('close', () => {
      there.delete(socket);
      if (there.size === 0) rooms.delete(room);
    });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const text = textFrom(String(data));
      if (room === 'feed' || !text) return;
      say(room, name, text).catch((error) => console.error('message lost:', error.message));
    });
    const messages = room === 'feed' ? [] : await history(room);
    socket.send(JSON.stringify({ type: 'history', messages }));
  };

  return {
    history,
    say,
    /** @param {string} room */
    forget: (room) => cache.del(`messages:${room}`),

    /** Hears what any instance says. Twice is the same as once. */
    async listen() {
      await ears.pUnsubscribe();
      await ears.unsubscribe();
      await ears.pSubscribe('room:*', (text, channel) => tell(channel.slice('room:'.length), text));
      await ears.subscribe('events', (text) => tell('feed', text));
    },

    /** `/ws?offer=<number>&name=<who>` or `/ws?offer=feed`.
     * @param {import('node:http').IncomingMessage} request @param {import('node:stream').Duplex} socket @param {Buffer} head */
    enter(request, socket, head) {
      const url = new URL(request.url ?? '/', 'http://messaging');
      const room = url.searchParams.get('offer') ?? '';
      if (url.pathname !== '/ws' || !/^(\d{1,15}|feed)$/.test(room)) {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
        return;
      }
      const name = (url.searchParams.get('name') ?? '').trim().slice(0, NAME) || 'Someone';
      server.handleUpgrade(request, socket, head, (opened) => {
        admit(opened, room, name).catch(() => opened.close(1011, 'the history cannot be read'));
      });
    },

    /** Asks everyone to come again: another instance takes over. */
    close() {
      clearInterval(pings);
      for (const socket of server.clients) socket.close(1012, 'restarting');
    },
  };
}

/** @param {string} data what the browser sent: JSON with a `text` */
function textFrom(data) {
  try {
    const { text } = JSON.parse(data);
    return typeof text === 'string' ? text.trim().slice(0, TEXT) : '';
  } catch {
    return '';
  }
}
