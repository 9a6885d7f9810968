import type { ServerOptions } from '../config/index.ts';
import type { LogSink, Server } from '../server/index.ts';
import { writePidFile } from './pid-file.ts';
import { type Ports, PortsFile } from './ports-file.ts';
import { address, StartFailure } from './start-up.ts';
import { fileText } from './system-error.ts';

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

/** The files that tell others of the process: its id, and what it listens on. */
export class ProcessFiles {
  readonly #log: LogSink;
  readonly #ports: PortsFile;
  #pidFile: string | undefined;
  #portsFolder: string | undefined;

  /** @param program the name that the file of ports begins with. */
  constructor(program: string, log: LogSink) {
    this.#log = log;
    this.#ports = new PortsFile(program, log);
  }

  /** @throws {StartFailure} */
  writePid({ pidFile }: ServerOptions): void {
    this.#pidFile = pidFile;
    if (!pidFile) return;
    try {
      writePidFile(pidFile);
    } catch (error) {
      throw new StartFailure(`Could not write pidfile: ${fileText('open', pidFile, error)}`);
    }
  }

  writePorts({ portsFileDir }: ServerOptions, server: Server): void {
    this.#portsFolder = portsFileDir;
    if (portsFileDir) this.#ports.write(portsFileDir, portsOf(server));
  }

  /** Another configuration is in force: what it names anew is written anew; an older pid file stays. */
  follow(options: ServerOptions, server: Server): void {
    try {
      if (options.pidFile !== this.#pidFile) this.writePid(options);
    } catch (error) {
      this.#log.write('error', error instanceof Error ? error.message : String(error));
    }
    if (options.portsFileDir === this.#portsFolder) return;
    this.#ports.remove();
    this.writePorts(options, server);
  }

  /** The server has ended: the pid file stays, as nats-server's (measured on 2.14.5). */
  remove(): void {
    this.#ports.remove();
  }
}

function portsOf({ options, port = 0, monitoringUrl, websocketPort }: Server): Ports {
  const { websocket } = options;
  const scheme = websocket?.tls === undefined ? 'ws' : 'wss';
  return {
    nats: [urlOf('nats', options.host, port)],
    ...(websocket === undefined || websocketPort === undefined
      ? {}
      : { websocket: [urlOf(scheme, websocket.host, websocketPort)] }),
    ...(monitoringUrl === undefined ? {} : { monitoring: [monitoringUrl] }),
  };
}

/** An address that can be dialled from this host. */
function urlOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${address(ANY_ADDRESS.has(host) ? '127.0.0.1' : host, port)}`;
}
