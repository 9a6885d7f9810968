import type { Message } from '../base/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';

/** Tracing headers of a request as a metric shows them: canonical keys in order, each with its values. */
export type TraceHeaders = Readonly<Record<string, readonly string[]>>;

const UBER = 'Uber-Trace-Id';
const UBER_CONTEXT = 'uberctx-';
const B3 = ['X-B3-Parentspanid', 'X-B3-Sampled', 'X-B3-Spanid', 'X-B3-Traceid'];
const W3C = ['Traceparent', 'Tracestate'];

/**
 * The tracing headers of a request that asks to be sampled; undefined for one that does not. Jaeger, Zipkin (one header
 * or several) and W3C trace context, looked for in this order; the first kind that is there decides (measured on
 * 2.14.5).
 */
export function sampledHeaders(message: Message): TraceHeaders | undefined {
  if (!message.hasHeader) return undefined;
  const fields = fieldsOf(message);
  const uber = fields.get(UBER);
  if (uber !== undefined) return isSampledUber(uber) ? picked(fields, isUber) : undefined;
  const sampled = fields.get('X-B3-Sampled');
  if (sampled !== undefined) return sampled === '1' ? picked(fields, isB3) : undefined;
  if (fields.has('X-B3-Traceid')) return picked(fields, isB3);
  const single = fields.get('B3');
  if (single !== undefined) return isSampledB3(single) ? picked(fields, (key) => key === 'B3') : undefined;
  const parent = fields.get('Traceparent');
  if (parent !== undefined && isSampledParent(parent)) return picked(fields, (key) => W3C.includes(key));
  return undefined;
}

function isUber(key: string): boolean {
  return key === UBER || key.toLowerCase().startsWith(UBER_CONTEXT);
}

function isB3(key: string): boolean {
  return B3.includes(key);
}

/** `{trace}:{span}:{parent}:{flags}` with flags in hexadecimal, bit 0 for sampled. */
function isSampledUber(value: string): boolean {
  const parts = value.split(':');
  const flags = parts[3] ?? '';
  return parts.length === 4 && /^[0-9a-f]{1,4}$/i.test(flags) && (Number.parseInt(flags, 16) & 1) === 1;
}

/** `{trace}-{span}[-{state}[-{parent}]]`, or the state alone. Without a state the decision is left to us: sampled. */
function isSampledB3(value: string): boolean {
  const parts = value.split('-');
  const state = parts.length === 1 ? parts[0] : parts[2];
  return state === undefined || state === '1' || state === 'd';
}

/** `{version}-{trace}-{parent}-{flags}` with flags in hexadecimal, bit 0 for sampled. */
function isSampledParent(value: string): boolean {
  const parts = value.split('-');
  const flags = parts[3] ?? '';
  return parts.length === 4 && /^[0-9a-f]{2}$/i.test(flags) && (Number.parseInt(flags, 16) & 1) === 1;
}

/** The first value of each tracing field, under its canonical key. */
function fieldsOf(message: Message): Map<string, string> {
  const text = message.buffer.latin1Slice(message.headerStart, message.payloadStart);
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const key = canonical(line.slice(0, colon));
    if (!fields.has(key)) fields.set(key, toText(line.slice(colon + 1).trim() as ByteString));
  }
  return fields;
}

/** `x-b3-traceid` → `X-B3-Traceid`. */
function canonical(key: string): string {
  return key
    .toLowerCase()
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('-');
}

function picked(fields: ReadonlyMap<string, string>, wanted: (key: string) => boolean): TraceHeaders {
  const keys = [...fields.keys()].filter(wanted).sort();
  return Object.fromEntries(keys.map((key) => [key, [fields.get(key) ?? '']]));
}
