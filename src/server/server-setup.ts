import type { LoadedConfig, ServerOptions } from '../config/index.ts';
import type { ControlId } from '../guard/index.ts';
import type { LogSink } from './log.ts';
import type { MonitoringPatience } from './monitoring.ts';
import type { Server } from './server.ts';
import type { ConfigSource } from './system-view.ts';

/** What a server is made with, besides its configuration. */
export interface ServerSetup {
  readonly clock?: 'real' | 'manual';
  /** The same seed gives the same bytes out. Absent: chance is the operating system's. */
  readonly seed?: string | number;
  readonly log?: LogSink;
  /** Controls turned off, for the lab. */
  readonly controlsOff?: readonly ControlId[];
  /** What stored messages may take unless the configuration says otherwise, bytes. */
  readonly memoryBytes?: number;
  /** Where monitoring is less patient than usual, for tests. */
  readonly monitoringPatience?: Partial<MonitoringPatience>;
  /** What the configuration was read from; absent: from nothing. */
  readonly loaded?: ConfigSource;
  /** Reads the configuration anew from where it came, for reloads; absent: it came from nowhere. */
  readonly source?: () => LoadedConfig;
  /** Told of a configuration that is in force from now on, for what is not the server's own: log, pid file. */
  readonly reconfigured?: (options: ServerOptions) => void;
  /** Answers a question about authority, given as JSON; absent: the service that is asked says that there is nobody to. */
  readonly explain?: (server: Server, question: string) => Promise<Readonly<Record<string, unknown>>>;
}
