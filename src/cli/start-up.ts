import { statSync } from 'node:fs';
import type { ServerOptions } from '../config/index.ts';
import type { ProgramName } from './main.ts';
import { codeOf, systemText } from './system-error.ts';

/** A start that cannot be: the text is the last line of the log. */
export class StartFailure extends Error {}

/** Nothing is stored on disk, but who names a folder that is a file is told, as by nats-server (measured on 2.14.5). */
export function checkStoreDir({ jetstream }: ServerOptions): void {
  if (jetstream?.storeDir === undefined) return;
  const found = statSync(jetstream.storeDir, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory())
    throw new StartFailure("Can't start JetStream: storage directory is not a directory");
}

/** Why a server does not listen, in nats-server's words. */
export function listenFailure(error: unknown, options: ServerOptions, name: ProgramName): string {
  // Monitoring says for itself what is wrong.
  if (error instanceof Error && error.message.startsWith("Can't start ")) return error.message;
  const { host, port } = options;
  const where = address(host, port);
  const code = codeOf(error);
  const advice = code === 'EADDRINUSE' && name === 'bulkhead' ? '; another port: npm start -- -p 4333' : '';
  const why =
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? `listen tcp: lookup ${host}: no such host`
      : `listen tcp ${where}: bind: ${systemText(error)}`;
  return `Error listening on port: ${where}, "${why}"${advice}`;
}

/** `127.0.0.1:4222`, `[::1]:4222` */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
