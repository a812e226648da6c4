// Exits 0 when PostgreSQL takes connections, as pg_isready does: a port that is open says too little while it recovers.
import { connect } from 'node:net';

const WAIT_MS = 2_000;
const words = ['user', process.env.POSTGRES_USER || 'postgres', 'database', process.env.POSTGRES_DB || 'postgres', '', ''];
const body = Buffer.from(words.join('\0').slice(0, -1) + '\0');
const startup = Buffer.alloc(8);
startup.writeInt32BE(8 + body.length, 0);
startup.writeInt32BE(196_608, 4); // protocol 3.0

const socket = connect(Number(process.env.PORT ?? 5432), '127.0.0.1', () => socket.write(Buffer.concat([startup, body])));
socket.setTimeout(WAIT_MS, () => process.exit(2));
socket.on('error', () => process.exit(2));
socket.on('close', () => process.exit(2));
/** It asks for the password (R), or says why it takes nobody (E). */
socket.on('data', (answer) => process.exit(answer.toString('latin1', 0, 1) === 'R' ? 0 : 1));
