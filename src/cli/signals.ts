import type { Server } from '../server/index.ts';
import type { CommandLog } from './log.ts';

/** Serves until the end: a signal to stop, or lame duck mode that is over. Signals as nats-server's. */
export function untilEnded(server: Server, log: CommandLog): Promise<void> {
  return new Promise((resolve) => {
    const trapped = (name: string): void => log.write('info', `Trapped "${name}" signal`);
    const stop = (name: string) => (): void => {
      trapped(name);
      log.write('info', 'Initiating Shutdown...');
      void server.stop().then(resolve);
    };
    process.once('SIGINT', stop('interrupt'));
    process.once('SIGTERM', stop('terminated'));
    for (const [signal, name, act] of othersOf(server, log, resolve)) {
      listen(signal, () => {
        trapped(name);
        act();
      });
    }
  });
}

function othersOf(
  server: Server,
  log: CommandLog,
  ended: () => void,
): readonly (readonly [NodeJS.Signals, string, () => void])[] {
  return [
    // The server says in its log what came of it, and keeps the configuration it has when that is refused.
    ['SIGHUP', 'hangup', () => void server.reloadFromSource().catch(() => undefined)],
    ['SIGUSR1', 'user defined signal 1', () => log.reopen()],
    ['SIGUSR2', 'user defined signal 2', () => void server.lameDuck().then(ended)],
  ];
}

/** Windows has none of these; there, SIGHUP means that the console is closed, which ends the process. */
function listen(signal: NodeJS.Signals, act: () => void): void {
  if (process.platform !== 'win32') process.on(signal, act);
}
