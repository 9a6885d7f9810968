/** Levels in nats-server's sense; `trace` lines show the protocol, with secrets removed. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Where log lines go. The server never writes to a stream by itself. */
export interface LogSink {
  isOn(level: LogLevel): boolean;
  write(level: LogLevel, text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What went wrong, as the log shows it: with the stack where there is one. */
export function causeText(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

/** The sink of an embedded server: nothing is written anywhere. */
export const SILENT: LogSink = { isOn: () => false, write: () => {} };
