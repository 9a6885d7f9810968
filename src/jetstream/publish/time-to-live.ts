import { parseDuration } from '../../base/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';

/** A message with this time to live never grows old, whatever `max_age` says. */
export const FOR_EVER = Number.POSITIVE_INFINITY;

const NS_PER_SECOND = 1e9;
/** The largest 64-bit number, which whole seconds may be; a duration may be as many nanoseconds. */
const LARGEST = '9223372036854775807';

/**
 * Reads a `Nats-TTL` header: `never` in any case, whole seconds, or a duration as Go writes it, of one second at
 * least (values accepted by 2.14.5, measured). The server lets messages live for whole seconds, rounded down.
 * @returns seconds, {@link FOR_EVER}, or `undefined` when the text is none of these.
 */
export function readTimeToLive(text: ByteString): number | undefined {
  if (text.toLowerCase() === 'never') return FOR_EVER;
  const seconds = /^\d+$/.test(text) ? wholeSeconds(text) : durationSeconds(text);
  return seconds === undefined || seconds < 1 ? undefined : seconds;
}

function wholeSeconds(text: string): number | undefined {
  const digits = text.replace(/^0+/, '');
  const fits = digits.length < LARGEST.length || (digits.length === LARGEST.length && digits <= LARGEST);
  return fits ? Number(digits) : undefined;
}

function durationSeconds(text: ByteString): number | undefined {
  const ns = parseDuration(toText(text));
  return ns === undefined || ns >= Number(LARGEST) ? undefined : Math.floor(ns / NS_PER_SECOND);
}
