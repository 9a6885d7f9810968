import { type Message, parseDuration } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';

const DOT = 0x2e;
const ZERO = 0x30;
/** Longest payload of an acknowledgement that is read; a longer one is a request or a reason cut here. */
const MAX_ACK_PAYLOAD = 4096;

/** What the reply subject of a delivery says; the fields of one reused object. */
export class AckSubject {
  delivered = 0;
  streamSeq = 0;
  consumerSeq = 0;

  /**
   * Reads `<delivered>.<stream seq>.<consumer seq>.<timestamp>.<pending>` from the end of an acknowledgement's subject,
   * which comes once and so is not worth a text.
   * @param firstNumber where that begins.
   * @returns false when the subject is not of this form.
   */
  read(message: Message, firstNumber: number): boolean {
    const { subjectLength } = message;
    let at = firstNumber;
    for (let field = 0; field < 3; field++) {
      let value = 0;
      const start = at;
      for (; at < subjectLength; at++) {
        const code = message.subjectByte(at);
        if (code === DOT) break;
        const digit = code - ZERO;
        if (digit < 0 || digit > 9) return false;
        value = value * 10 + digit;
      }
      if (at === start || at === subjectLength || value > Number.MAX_SAFE_INTEGER) return false;
      if (field === 0) this.delivered = value;
      else if (field === 1) this.streamSeq = value;
      else this.consumerSeq = value;
      at++;
    }
    return true;
  }
}

/** What an acknowledgement asks for. */
export type AckKind = 'ack' | 'nak' | 'progress' | 'next' | 'term' | 'unknown';

/**
 * Reads the kind of an acknowledgement from its payload. `+ACK`, `+OK` and `+WPI` stand alone, the others may have an
 * argument right behind them: `+ACKX` is nothing, `+TERMX` terminates with reason `X` (measured on 2.14.5).
 */
export function ackKind(buffer: Buffer, start: number, end: number): AckKind {
  if (start === end) return 'ack';
  if (isExactly(buffer, start, end, '+ACK') || isExactly(buffer, start, end, '+OK')) return 'ack';
  if (isExactly(buffer, start, end, '+WPI')) return 'progress';
  if (startsWith(buffer, start, end, '-NAK')) return 'nak';
  if (startsWith(buffer, start, end, '+NXT')) return 'next';
  if (startsWith(buffer, start, end, '+TERM')) return 'term';
  return 'unknown';
}

function isExactly(buffer: Buffer, start: number, end: number, verb: string): boolean {
  return end - start === verb.length && startsWith(buffer, start, end, verb);
}

function startsWith(buffer: Buffer, start: number, end: number, verb: string): boolean {
  if (end - start < verb.length) return false;
  for (let i = 0; i < verb.length; i++) if (buffer[start + i] !== verb.charCodeAt(i)) return false;
  return true;
}

/** The text behind the verb of an acknowledgement, without blanks around it. */
export function ackArgument(buffer: Buffer, start: number, end: number, verb: string): string {
  return buffer.utf8Slice(start + verb.length, Math.min(end, start + MAX_ACK_PAYLOAD)).trim();
}

/** What `+NXT` asks for: the body of a pull request. */
export function nextArgument(buffer: Buffer, start: number, end: number): ByteString {
  const from = start + '+NXT'.length;
  return buffer.latin1Slice(from, Math.min(end, from + MAX_ACK_PAYLOAD)).trim() as ByteString;
}

/**
 * How long a negative acknowledgement puts off the next delivery, from `{"delay": ns}` or a Go duration.
 * @returns milliseconds; 0 for at once, which is also what an argument that cannot be read means.
 */
export function nakDelayMs(argument: string): number {
  if (argument === '') return 0;
  const ns = argument.startsWith('{') ? jsonDelay(argument) : (parseDuration(argument) ?? 0);
  return Number.isFinite(ns) && ns > 0 ? ns / 1e6 : 0;
}

function jsonDelay(text: string): number {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return 0;
    const delay = Object.hasOwn(parsed, 'delay') ? (parsed as { delay: unknown }).delay : 0;
    return typeof delay === 'number' ? delay : 0;
  } catch {
    return 0;
  }
}
