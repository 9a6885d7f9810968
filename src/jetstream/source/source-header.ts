import { createHash } from 'node:crypto';
import { headerValue, type Message } from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import type { MessageView } from '../store/message-view.ts';
import { patternsOf, type SourceConfig } from './source-config.ts';

export const STREAM_SOURCE = 'Nats-Stream-Source';
/** How lines begin that were meant for the origin alone (measured on 2.14.5). */
const FOR_ORIGIN = ['Nats-Expected-', 'Nats-Batch-'] as const;
const PREAMBLE = 'NATS/1.0\r\n';
/** Length of the blank line that ends a header block. */
const BLANK_LINE = 2;
const LF = 0x0a;
const FIRST_BUFFER = 4096;
/** Between the filters, and the destinations, of a source that has several (measured on 2.14.5). */
const SEPARATOR = '\f';
const HASH_LENGTH = 8;
const HASH_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Eight letters and digits that stand for a text. */
export function shortHash(text: string): string {
  const digest = createHash('sha256').update(text, 'latin1').digest();
  let hash = '';
  for (let i = 0; i < HASH_LENGTH; i++) hash += HASH_DIGITS[(digest[i] as number) % HASH_DIGITS.length];
  return hash;
}

/**
 * What tells the sources of one stream apart: the origin (with hashes of the prefix and the consumer that it is reached by), the filters and
 * the destinations. It is written into every sourced message around the sequence: `O 7 o.> p.> o.x`.
 */
export class SourceKey {
  readonly origin: ByteString;
  readonly filters: ByteString;
  readonly destinations: ByteString;

  readonly #rest: string;

  constructor(source: SourceConfig) {
    const { external, consumer, subject_transforms: transforms } = source;
    const account = external === undefined ? '' : `:${shortHash(toBytes(external.api))}`;
    const made = consumer === undefined ? '' : `:C=${shortHash(toBytes(consumer.name))}`;
    this.origin = toBytes(`${source.name}${account}${made}`);
    this.filters = toBytes(patternsOf(source).join(SEPARATOR) || '>');
    const destinations = transforms?.map(({ dest }) => (dest === '' ? '>' : dest)) ?? [];
    this.destinations = toBytes(destinations.join(SEPARATOR) || '>');
    this.#rest = `${this.filters} ${this.destinations}`;
  }

  get text(): string {
    return `${this.origin} ${this.#rest}`;
  }

  /** The header's value for a message that had this sequence and subject at the origin. */
  valueFor(seq: number, subject: ByteString): string {
    return `${this.origin} ${seq} ${this.#rest} ${subject}`;
  }

  /** The origin's sequence of a message that came this way; 0 for any other. */
  seqIn(buffer: Buffer, headerStart: number, headerEnd: number): number {
    const value = headerValue(buffer, headerStart, headerEnd, STREAM_SOURCE);
    if (value === undefined) return 0;
    const [origin, seq = '', filters, destinations] = value.split(' ');
    const isOurs = origin === this.origin && filters === this.filters && destinations === this.destinations;
    return isOurs && /^\d{1,16}$/.test(seq) ? Number(seq) : 0;
  }
}

/**
 * Whether a header block is not handed on as it is: it has lines that were meant for the origin, or about the origin's
 * own source, or its sender left the blank line out.
 */
function hasOwnLines(buffer: Buffer, start: number, end: number): boolean {
  if (buffer[end - 1] !== LF || buffer[end - 3] !== LF) return true;
  const block = buffer.subarray(start, end);
  return [...FOR_ORIGIN, `${STREAM_SOURCE}:`].some((text) => block.includes(text, 0, 'latin1'));
}

/** A header block without the lines that are not handed on; empty when nothing is left (measured on 2.14.5). */
function withoutOwnLines(buffer: Buffer, start: number, end: number, keepsSource: boolean): Buffer {
  const [, ...lines] = buffer.latin1Slice(start, end).split('\r\n');
  const isOwn = (line: string): boolean =>
    FOR_ORIGIN.some((start) => line.startsWith(start)) ||
    (!keepsSource && line.startsWith(`${STREAM_SOURCE}:`));
  const kept = lines.filter((line) => line !== '' && !isOwn(line));
  return Buffer.from(kept.length === 0 ? '' : `${PREAMBLE}${kept.join('\r\n')}\r\n\r\n`, 'latin1');
}

/**
 * Writes messages as they are handed on from a stream to another. The bytes are those of one buffer used again and
 * again; whoever stores them copies them.
 */
export class HandOnWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER);

  /** Points a message at the origin's bytes, for a mirror: without what was meant for the origin. */
  mirror(from: MessageView, into: Message): void {
    const { buffer, headerStart, payloadStart, end } = from;
    if (headerStart === payloadStart || !hasOwnLines(buffer, headerStart, payloadStart)) {
      into.place(buffer, headerStart, payloadStart, end);
    } else {
      const header = withoutOwnLines(buffer, headerStart, payloadStart, true);
      this.#write(header, 0, header.length, '', from, into);
    }
  }

  /** Points a message at the same with a line that says where it comes from. */
  source(from: MessageView, value: string, into: Message): void {
    const { buffer, headerStart, payloadStart } = from;
    const line = `${STREAM_SOURCE}: ${value}\r\n`;
    const isBare = headerStart === payloadStart;
    if (isBare || !hasOwnLines(buffer, headerStart, payloadStart)) {
      this.#write(buffer, headerStart, payloadStart, isBare ? `${PREAMBLE}${line}\r\n` : line, from, into);
      return;
    }
    const header = withoutOwnLines(buffer, headerStart, payloadStart, false);
    const isEmpty = header.length === 0;
    this.#write(header, 0, header.length, isEmpty ? `${PREAMBLE}${line}\r\n` : line, from, into);
  }

  /** The header block [start, end) with `line` before its blank line, and the payload. */
  #write(block: Buffer, start: number, end: number, line: string, from: MessageView, into: Message): void {
    const payloadLength = from.end - from.payloadStart;
    const length = end - start + line.length;
    if (length + payloadLength > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(2 * (length + payloadLength));
    }
    const buffer = this.#buffer;
    const bodyEnd = Math.max(start, end - BLANK_LINE);
    let at = block.copy(buffer, 0, start, bodyEnd);
    at += buffer.latin1Write(line, at);
    at += block.copy(buffer, at, bodyEnd, end);
    from.buffer.copy(buffer, at, from.payloadStart, from.end);
    into.place(buffer, 0, at, at + payloadLength);
  }
}
