import { closeSync, openSync, writeSync } from 'node:fs';
import type { LogLevel, LogSink } from '../server/index.ts';

/** How the command logs. */
export interface LogSettings {
  readonly debug: boolean;
  readonly trace: boolean;
  readonly time: boolean;
  readonly timeUtc: boolean;
  /** A file instead of stderr. */
  readonly file?: string;
  /** JSON lines instead of nats-server's form. */
  readonly json: boolean;
}

const STDERR = 2;

/** nats-server's marks for pino's level numbers. */
const MARKS: Readonly<Record<number, string>> = { 10: 'TRC', 20: 'DBG', 30: 'INF', 40: 'WRN', 50: 'ERR' };

interface PinoLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
}

/** A log through pino, in process; by default in the line format of nats-server, which scripts wait for. */
export async function openLog(settings: LogSettings): Promise<LogSink> {
  const { default: pino } = await import('pino');
  const file = settings.file === undefined ? STDERR : openSync(settings.file, 'a');
  const out = {
    write: (line: string) => void writeSync(file, settings.json ? line : asNatsLine(line, settings)),
  };
  const lowest: LogLevel = settings.trace ? 'trace' : settings.debug ? 'debug' : 'info';
  const logger = pino({ level: lowest, base: settings.json ? { pid: process.pid } : null }, out);
  if (file !== STDERR) process.once('exit', () => closeSync(file));
  return {
    isOn: (level) => {
      if (level === 'debug') return settings.debug;
      if (level === 'trace') return settings.trace;
      return true;
    },
    write: (level, text, fields) => logger[level](fields ?? {}, text),
  };
}

/** `[pid] YYYY/MM/DD HH:MM:SS.micros [INF] text` */
function asNatsLine(line: string, { time, timeUtc }: LogSettings): string {
  const entry = JSON.parse(line) as PinoLine;
  const stamp = time ? `${timestamp(entry.time, timeUtc)} ` : '';
  return `[${process.pid}] ${stamp}[${MARKS[entry.level] ?? 'INF'}] ${entry.msg}\n`;
}

function timestamp(ms: number, utc: boolean): string {
  const shifted = new Date(utc ? ms : ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString();
  return `${shifted.slice(0, 10).replaceAll('-', '/')} ${shifted.slice(11, 23)}000`;
}
