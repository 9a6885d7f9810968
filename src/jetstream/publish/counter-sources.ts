import { type ByteString, toBytes, toText } from '../../subjects/index.ts';

const SOURCES = 'Nats-Counter-Sources';
const ORIGIN = 'Nats-Stream-Source';

/** What a counter has taken over from the counters of other streams: by stream and subject, the value last seen there. */
export type CounterSources = Map<string, Map<string, string>>;

const VALUE = /^-?\d+$/;

function isValue(value: unknown): value is string {
  return typeof value === 'string' && VALUE.test(value);
}

/** Reads `Nats-Counter-Sources` of a header block; what can not be read is nothing. */
export function readSources(header: Buffer): CounterSources {
  const sources: CounterSources = new Map();
  const text = fieldOf(header.latin1Slice(), SOURCES);
  if (text === undefined) return sources;
  try {
    const read = JSON.parse(toText(text)) as Record<string, Record<string, unknown>>;
    for (const [stream, subjects] of Object.entries(read)) {
      const values = Object.entries(subjects).filter((entry): entry is [string, string] => isValue(entry[1]));
      sources.set(stream, new Map(values));
    }
  } catch {
    sources.clear();
  }
  return sources;
}

/** The stream and subject that a sourced message comes from. */
export function originOf(header: Buffer): { readonly stream: string; readonly subject: string } | undefined {
  const words = fieldOf(header.latin1Slice(), ORIGIN)?.split(' ');
  const [stream, subject] = [words?.[0], words?.at(-1)];
  if (stream === undefined || subject === undefined) return undefined;
  return { stream: toText(stream as ByteString), subject: toText(subject as ByteString) };
}

/** A header block that says these sources, in place of what it said before; without any it stays as it is. */
export function withSources(header: Buffer, sources: CounterSources): Buffer {
  return sources.size === 0 ? header : withLine(header, SOURCES, toBytes(textOf(sources)));
}

/** A header block with another increment. */
export function withIncrement(header: Buffer, increment: bigint): Buffer {
  return withLine(header, 'Nats-Incr', String(increment));
}

/** As the reference server writes it: keys sorted. */
function textOf(sources: CounterSources): string {
  const object = (entries: Iterable<[string, string]>): string =>
    `{${[...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
      .join(',')}}`;
  const inner = (values: Map<string, string>): string =>
    object([...values].map(([subject, value]) => [subject, JSON.stringify(value)]));
  return object([...sources].map(([stream, values]) => [stream, inner(values)]));
}

function fieldOf(header: string, key: string): ByteString | undefined {
  const start = header.indexOf(`\r\n${key}:`);
  if (start === -1) return undefined;
  const from = start + key.length + 3;
  return header.slice(from, header.indexOf('\r\n', from)).trim() as ByteString;
}

function withLine(header: Buffer, key: string, value: string): Buffer {
  const text = header.latin1Slice();
  const start = text.indexOf(`\r\n${key}:`);
  const before = start === -1 ? text.slice(0, -2) : text.slice(0, start + 2);
  const after = start === -1 ? '\r\n' : text.slice(text.indexOf('\r\n', start + 2) + 2);
  return Buffer.from(`${before}${key}: ${value}\r\n${after}`, 'latin1');
}
