// Starts the server the way `npm start` does, on a free port, waits for its greeting, and stops it with SIGINT.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';

const server = spawn(process.execPath, ['bin/bulkhead', '-c', 'examples/start.conf', '-p', '-1'], {
  stdio: ['ignore', 'inherit', 'pipe'],
});
const giveUp = setTimeout(() => {
  console.error('no server within 10 s');
  server.kill('SIGKILL');
}, 10_000);

let log = '';
server.stderr.on('data', (chunk) => {
  log += chunk;
  const listening = /Listening for client connections on 127\.0\.0\.1:(\d+)/.exec(log);
  if (listening === null || !log.includes('Server is ready')) return;
  server.stderr.removeAllListeners('data');
  server.stderr.resume();
  const socket = connect(Number(listening[1]), '127.0.0.1');
  socket.once('data', (greeting) => {
    socket.destroy();
    if (greeting.toString().startsWith('INFO {')) server.kill('SIGINT');
    else server.kill('SIGKILL');
  });
});

server.on('exit', (code) => {
  clearTimeout(giveUp);
  console.log(code === 0 ? 'started, greeted, stopped' : `ended with ${code}\n${log}`);
  process.exitCode = code === 0 ? 0 : 1;
});
