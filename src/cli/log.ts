import { closeSync, openSync, writeSync } from 'node:fs';
import type { Logger, pino } from 'pino';
import type { LogOptions } from '../config/index.ts';
import type { LogLevel, LogSink } from '../server/index.ts';

const STDERR = 2;

/** nats-server's marks for pino's level numbers. */
const MARKS: Readonly<Record<number, string>> = {
  10: 'TRC',
  20: 'DBG',
  30: 'INF',
  40: 'WRN',
  50: 'ERR',
  60: 'FTL',
};

interface PinoLine {
  readonly level: number;
  /** ms, with the fraction that the clock gives. */
  readonly time: number;
  readonly msg: string;
}

/**
 * The command's log: through pino, in process, to stderr or a file; in the line format of nats-server, which scripts wait
 * for, or as JSON. What it shows and where it goes can change while the server runs.
 */
export class CommandLog implements LogSink {
  readonly #json: boolean;
  readonly #logger: Logger;
  #options: LogOptions;
  #file: number;

  private constructor(make: typeof pino, options: LogOptions, json: boolean) {
    this.#json = json;
    this.#options = options;
    this.#file = opened(options.file);
    const base = json ? { pid: process.pid } : null;
    const settings = { level: 'trace', base, ...(json ? {} : { timestamp: exactTime }) };
    this.#logger = make(settings, { write: (line) => this.#put(line) });
  }

  /**
   * @param json one object a line instead of nats-server's form.
   * @throws the system's error when the file cannot be opened.
   */
  static async open(options: LogOptions, json: boolean): Promise<CommandLog> {
    const { default: make } = await import('pino');
    return new CommandLog(make, options, json);
  }

  isOn(level: LogLevel): boolean {
    if (level === 'debug') return this.#options.debug;
    if (level === 'trace') return this.#options.trace;
    return true;
  }

  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void {
    if (this.isOn(level)) this.#logger[level](fields ?? {}, text);
  }

  /** The server cannot go on. */
  fatal(text: string): void {
    this.#logger.fatal(text);
  }

  /** The log file was moved away: goes on in a new one of its name. */
  reopen(): void {
    if (this.#options.file === undefined) {
      this.write('info', 'File log re-open ignored, not a file logger');
      return;
    }
    if (this.#goTo(this.#options.file)) this.write('info', 'File log re-opened');
  }

  /** Shows what other options want, where they want it. A file that cannot be opened leaves the log where it is. */
  adopt(options: LogOptions): void {
    const moves = options.file !== this.#options.file;
    const { file: _, ...rest } = options;
    if (!moves || this.#goTo(options.file)) this.#options = options;
    else this.#options = this.#options.file === undefined ? rest : { ...rest, file: this.#options.file };
  }

  /** @returns whether it writes there now. */
  #goTo(path: string | undefined): boolean {
    const before = this.#file;
    try {
      this.#file = opened(path);
    } catch (error) {
      this.write(
        'error',
        `Error opening log file: ${error instanceof Error ? error.message : String(error)}`,
      );
      return false;
    }
    if (before !== STDERR) closeSync(before);
    return true;
  }

  /** A reader that is gone, or a full disk, ends no server. */
  #put(line: string): void {
    try {
      writeSync(this.#file, this.#json ? line : asNatsLine(line, this.#options));
    } catch {
      // There is nowhere left to say so.
    }
  }
}

function opened(path: string | undefined): number {
  return path === undefined ? STDERR : openSync(path, 'a', 0o640);
}

/** `[pid] YYYY/MM/DD HH:MM:SS.micros [INF] text` */
function asNatsLine(line: string, { time, timeUtc }: LogOptions): string {
  const entry = JSON.parse(line) as PinoLine;
  const stamp = time ? `${timestamp(entry.time, timeUtc)} ` : '';
  return `[${process.pid}] ${stamp}[${MARKS[entry.level] ?? 'INF'}] ${entry.msg}\n`;
}

/** The present moment to the microsecond, as a field of a pino line. */
function exactTime(): string {
  return `,"time":${(performance.timeOrigin + performance.now()).toFixed(3)}`;
}

/** `YYYY/MM/DD HH:MM:SS.micros` */
export function timestamp(exactMs: number, utc: boolean): string {
  const ms = Math.floor(exactMs);
  const micros = String(Math.floor((exactMs - ms) * 1000)).padStart(3, '0');
  const shifted = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString();
  return `${shifted.slice(0, 10).replaceAll('-', '/')} ${shifted.slice(11, 23)}${micros}`;
}
