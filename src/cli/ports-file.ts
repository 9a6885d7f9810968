import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogSink } from '../server/index.ts';
import { fileText } from './system-error.ts';

/** What a server listens on, as URLs; the first of each can be dialled from this host. */
export interface Ports {
  readonly nats: readonly string[];
  readonly monitoring?: readonly string[];
  readonly websocket?: readonly string[];
}

/** The file that tells test suites where the server is: `<program>_<pid>.ports`, JSON, whole or not there. */
export class PortsFile {
  readonly #program: string;
  readonly #log: LogSink;
  #path: string | undefined;

  constructor(program: string, log: LogSink) {
    this.#program = program;
    this.#log = log;
  }

  /** Writes it into a folder, and takes it out of the one it was in. What fails is logged: the server serves. */
  write(folder: string, ports: Ports): void {
    const path = join(folder, `${this.#program}_${process.pid}.ports`);
    if (path !== this.#path) this.remove();
    try {
      const unfinished = `${path}.tmp`;
      writeFileSync(unfinished, JSON.stringify(ports));
      renameSync(unfinished, path);
      this.#path = path;
    } catch (error) {
      this.#log.write('error', `Error writing ports file (${path}): ${fileText('open', path, error)}`);
    }
  }

  remove(): void {
    const path = this.#path;
    if (path === undefined) return;
    this.#path = undefined;
    try {
      rmSync(path);
    } catch (error) {
      this.#log.write('error', `Error cleaning up ports file ${path}: ${fileText('remove', path, error)}`);
    }
  }
}
