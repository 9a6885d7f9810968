/**
 * Says lines of the protocol to a server and prints what it answers within a second:
 *   node examples/say.mjs [-p PORT] 'CONNECT {"user":"a","pass":"a"}' PING
 * In a line, \n begins another one (a payload). Nothing is added but the ends of lines.
 */
import { connect } from 'node:net';

const PATIENCE_MS = 1_000;

const words = process.argv.slice(2);
const port = words[0] === '-p' ? Number(words.splice(0, 2)[1]) : 4222;
const socket = connect(port, '127.0.0.1');
socket.on('data', (bytes) => process.stdout.write(bytes));
socket.on('error', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
});
socket.write(words.map((line) => `${line.replaceAll('\\n', '\r\n')}\r\n`).join(''));
setTimeout(() => socket.destroy(), PATIENCE_MS).unref();
