import type { Message } from '../base/index.ts';
import type { Arguments, OperationHandler, Violation } from '../protocol/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';

/** Longer lines of the server are not in the trace, bytes. */
const LONGEST_LINE = 8 * 1024;

/**
 * Stands before a connection when the trace log is on, and writes down what comes in, in the words of nats-server.
 * CONNECT is written by the connection itself, which knows what in it is secret. Off, it is not there at all.
 */
export class TracingHandler implements OperationHandler {
  readonly #inner: OperationHandler;
  readonly #write: (text: string) => void;
  readonly #mostShown: () => number;

  /** @param mostShown bytes of a payload that are written down. */
  constructor(inner: OperationHandler, write: (text: string) => void, mostShown: () => number) {
    this.#inner = inner;
    this.#mostShown = mostShown;
    this.#write = write;
  }

  onConnect(buffer: Buffer, start: number, end: number): void {
    this.#inner.onConnect(buffer, start, end);
  }

  onPing(): void {
    this.#write('[PING]');
    this.#inner.onPing();
  }

  onPong(): void {
    this.#write('[PONG]');
    this.#inner.onPong();
  }

  onSubscribe(buffer: Buffer, args: Arguments): void {
    this.#write(`[SUB ${wordsOf(buffer, args)}]`);
    this.#inner.onSubscribe(buffer, args);
  }

  onUnsubscribe(buffer: Buffer, args: Arguments): void {
    this.#write(`[UNSUB ${wordsOf(buffer, args)}]`);
    this.#inner.onUnsubscribe(buffer, args);
  }

  onPublish(
    buffer: Buffer,
    subjectStart: number,
    subjectEnd: number,
    replyStart: number,
    replyEnd: number,
    headerStart: number,
    payloadStart: number,
    end: number,
  ): void {
    const headerSize = payloadStart > headerStart ? ` ${payloadStart - headerStart}` : '';
    const verb = headerSize === '' ? 'PUB' : 'HPUB';
    const reply = replyEnd > replyStart ? ` ${text(buffer, replyStart, replyEnd)}` : '';
    this.#write(
      `[${verb} ${text(buffer, subjectStart, subjectEnd)}${reply}${headerSize} ${end - headerStart}]`,
    );
    if (end > headerStart) this.#write(payloadTrace(buffer, headerStart, end, this.#mostShown()));
    this.#inner.onPublish(
      buffer,
      subjectStart,
      subjectEnd,
      replyStart,
      replyEnd,
      headerStart,
      payloadStart,
      end,
    );
  }

  onPeerError(): void {
    this.#write('[-ERR]');
    this.#inner.onPeerError();
  }

  onViolation(violation: Violation): void {
    this.#write(`[${violation}]`);
    this.#inner.onViolation(violation);
  }
}

function wordsOf(buffer: Buffer, { count, starts, ends }: Arguments): string {
  const words: string[] = [];
  for (let i = 0; i < Math.min(count, starts.length); i++)
    words.push(text(buffer, starts[i] ?? 0, ends[i] ?? 0));
  return words.join(' ');
}

/** What a delivery is called in the trace, and what is in it (measured on 2.14.5). */
export function deliveryTrace(
  message: Message,
  sid: ByteString,
  headers: boolean,
  mostShown: number,
): string[] {
  const { subject, reply, buffer, headerStart, payloadStart, end } = message;
  const withHeader = headers && message.hasHeader;
  const start = withHeader ? headerStart : payloadStart;
  const words = [withHeader ? 'HMSG' : 'MSG', toText(subject), sid];
  if (reply !== '') words.push(toText(reply));
  if (withHeader) words.push(String(payloadStart - headerStart));
  words.push(String(end - start));
  const first = `[${printable(words.join(' '))}]`;
  return start === end ? [first] : [first, payloadTrace(buffer, start, end, mostShown)];
}

const TRACED_LINE = /^(?:\+(OK)|(PING|PONG)|(-ERR) '(.*)')\r\n$/s;

/** What a line that the server sends is called in the trace; undefined for those that are not in it: INFO, held messages. */
export function lineTrace(bytes: Buffer): string | undefined {
  const [, ok, ping, error, why] = TRACED_LINE.exec(bytes.toString('latin1', 0, LONGEST_LINE)) ?? [];
  if (error !== undefined) return `[-ERR ${printable(why ?? '')}]`;
  const word = ok ?? ping;
  return word === undefined ? undefined : `[${word}]`;
}

/** Header and payload of a message, as the real server's trace shows them (measured on 2.14.5). */
export function payloadTrace(buffer: Buffer, start: number, end: number, mostShown: number): string {
  const shown = Math.min(end, start + mostShown);
  return `MSG_PAYLOAD: ["${quoted(buffer, start, shown)}${shown < end ? '...' : ''}"]`;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\r', '\\r'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['"', '\\"'],
  ['\\', '\\\\'],
]);

/** Bytes as Go quotes them; what is no printable ASCII, or no UTF-8, is shown by its number. */
function quoted(buffer: Buffer, start: number, end: number): string {
  return buffer
    .latin1Slice(start, end)
    .replace(/[^ !#-[\]-~]/g, (c) => ESCAPES.get(c) ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Hostile bytes on one line. */
function text(buffer: Buffer, start: number, end: number): string {
  return printable(buffer.utf8Slice(start, end));
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, (c) => JSON.stringify(c).slice(1, -1));
}
