import { formatDuration, headerValue, Message } from '../../base/index.ts';
import type { ByteString } from '../../subjects/index.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';

const NS_PER_SECOND = 1e9;

const marker = new Message();
const view = new MessageView();

/** Seconds that a stream's delete markers live, rounded down as 2.14.5 does (measured); 0 when it has none. */
export function markerSeconds(ns: number | undefined): number {
  return Math.floor((ns ?? 0) / NS_PER_SECOND);
}

/**
 * Takes a message out whose time has come. Where the stream is configured so, the last one on its subject leaves a
 * marker in its place, so that who watches the subject learns that it ended; it goes by the marker's roll-up.
 */
export function expire(stream: Stream, seq: number): void {
  const subject = stream.store.subjectOf(seq);
  if (subject === undefined) return;
  const seconds = markerSeconds(stream.config.subject_delete_marker_ttl);
  if (seconds > 0 && leavesMarker(stream, seq, subject)) putMarker(stream, seq, subject, seconds);
  stream.remove(seq, false);
}

/** A marker is not followed by another one, nor is a purged key of a key-value store (measured on 2.14.5). */
function leavesMarker({ store }: Stream, seq: number, subject: ByteString): boolean {
  if (store.countOnSubject(subject) !== 1 || !store.load(seq, view)) return false;
  const value = (key: string): string | undefined =>
    headerValue(view.buffer, view.headerStart, view.payloadStart, key);
  return !value('Nats-Marker-Reason') && value('KV-Operation') !== 'PURGE';
}

/** Where there is no room beside the message, the marker follows once it is gone. */
function putMarker(stream: Stream, seq: number, subject: ByteString, seconds: number): void {
  if (stream.put(markerOn(subject, seconds)) === undefined) return;
  stream.remove(seq, false);
  stream.put(markerOn(subject, seconds));
}

function markerOn(subject: ByteString, seconds: number): Message {
  const ttl = formatDuration(seconds * NS_PER_SECOND);
  const header = `NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\nNats-TTL: ${ttl}\r\nNats-Rollup: sub\r\n\r\n`;
  const bytes = Buffer.from(header);
  marker.subject = subject;
  marker.place(bytes, 0, bytes.length, bytes.length);
  return marker;
}
