import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RawClient } from '../embedding/raw-client.ts';
import { fileWith, Program } from './program.ts';

const config = (user: string): string =>
  `listen: "127.0.0.1:-1"\naccounts { A { users: [{user: ${user}, password: p}] } }`;

async function enter(program: Program, user: string): Promise<RawClient> {
  const client = RawClient.to(program.port);
  client.send(`CONNECT {"user":"${user}","pass":"p","verbose":false}`, 'PING');
  await client.until(/PONG\r\n/);
  return client;
}

/** Sends SIGHUP and waits for what the log says of it. */
async function hup(program: Program, said: RegExp): Promise<void> {
  program.process.kill('SIGHUP');
  for (let tries = 0; tries < 200 && !said.test(program.log); tries++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  expect(program.log).toMatch(said);
}

describe('SIGHUP', () => {
  it('reads the configuration again, and keeps the one it has when that is refused', async () => {
    const path = fileWith(config('a'));
    const program = await Program.serving('-c', path);
    const a = await enter(program, 'a');
    writeFileSync(path, `${config('b')}\nnonsense: 1`);
    await hup(program, /\[ERR\] Failed to reload server configuration: .*:3:1: unknown field "nonsense"/);
    writeFileSync(path, `${config('b')}\nserver_name: x`);
    await hup(program, /\[ERR\] .* config reload not supported for ServerName: old=, new=x/);
    await (await enter(program, 'a')).socket.end();
    writeFileSync(path, config('b'));
    await hup(program, /\[INF\] Reloaded server configuration \(sha256:[0-9a-f]{64}\)/);
    await expect(a.until(/never/)).rejects.toThrow(/ended/);
    (await enter(program, 'b')).socket.end();
  });
});
