import { formatPosition, type LoadedConfig, type ServerOptions } from '../config/index.ts';
import { onNextTurn } from './effects.ts';
import type { LogSink } from './log.ts';
import type { Loop } from './loop.ts';
import { type LiveServer, reload } from './reload.ts';
import type { ReloadReport } from './reload-report.ts';
import type { ConfigSource } from './system-view.ts';

/** The server, as far as its configuration changes while it runs. */
export interface LiveHouse {
  live(): LiveServer;
  readonly log: LogSink;
  readonly loop: Loop;
  /** Reads the configuration anew from where it came; absent: it came from nowhere. */
  readonly source: (() => LoadedConfig) | undefined;
  /** Makes listeners ready. @returns what puts them in force. @throws {ConfigError} */
  prepareListeners(after: ServerOptions): (() => void) | undefined;
  /** Another configuration is in force. */
  changed(after: ServerOptions, loaded: ConfigSource | undefined): void;
}

/** Changes the configuration while clients are connected. */
export class LiveChange {
  readonly #house: LiveHouse;

  constructor(house: LiveHouse) {
    this.#house = house;
  }

  /** @throws {ConfigError} for what cannot change while the server runs; it keeps the configuration that it has. */
  reload(after: ServerOptions, loaded?: ConfigSource): ReloadReport {
    const { log, loop } = this.#house;
    if (loop.isBusy) throw new Error('a configuration changes between messages only');
    try {
      const listenBy = this.#house.prepareListeners(after);
      const report = reload(this.#house.live(), after);
      listenBy?.();
      for (const change of report.changes) log.write('info', `Reloaded: ${change}`);
      this.#house.changed(after, loaded);
      return report;
    } finally {
      loop.settle();
    }
  }

  /** Reads the configuration anew, as soon as what is being delivered is delivered. @throws {ConfigError} */
  async fromSource(isStopped: () => boolean): Promise<ReloadReport> {
    const { source, log } = this.#house;
    try {
      if (source === undefined)
        throw new Error('can only reload config when a file is provided using -c or --config');
      await new Promise<void>((resolve) => onNextTurn(resolve));
      const loaded = source();
      for (const { position, message } of loaded.warnings)
        log.write('warn', `${formatPosition(position)}${message}`);
      if (isStopped()) throw new Error('the server has stopped');
      const report = this.reload(loaded.options, loaded);
      log.write('info', `Reloaded server configuration (${loaded.digest})`);
      return report;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log.write('error', `Failed to reload server configuration: ${why}`);
      throw error;
    }
  }
}
