import { onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { Server } from '../../src/server/index.ts';
import { RawClient } from '../embedding/raw-client.ts';

const HELLO = 'CONNECT {"verbose":false,"pedantic":false,"headers":true';

/** A server of a configuration that does not listen; stopped after the test. */
export function serve(config: string, memoryBytes?: number): Server {
  const { options } = parseConfig(config);
  const server = new Server(options, memoryBytes === undefined ? {} : { memoryBytes });
  onTestFinished(() => server.stop());
  return server;
}

/** A client in the process, logged in; the password is the user's name. */
export function enter(server: Server, user?: string): RawClient {
  const client = new RawClient(server.socket());
  client.send(`${HELLO}${user === undefined ? '' : `,"user":"${user}","pass":"${user}"`}}`);
  return client;
}

/** Two tenants, A with the user a and B with the user b. */
export const TWO_TENANTS = `jetstream: enabled
  accounts: {
    $SYS: { users: [ { user: s, password: s } ] }
    A: { jetstream: true, users: [ { user: a, password: a } ] }
    B: { jetstream: true, users: [ { user: b, password: b } ] }
  }`;

/** How much work something was for this process, ms of CPU: what else the machine does is not counted. */
export async function timed(step: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await step();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The error of a JetStream reply; undefined where there is none. */
export function errorOf(reply: string): { code: number; err_code: number; description: string } | undefined {
  return JSON.parse(reply).error;
}
