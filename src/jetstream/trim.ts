import type { Stream } from './stream.ts';

/** Brings a stream's messages within limits that an update made narrower (what 2.14.5 does, measured). */
export function trimToLimits(stream: Stream): void {
  const { config, store } = stream;
  if (config.max_msgs_per_subject > 0) trimSubjects(stream, config.max_msgs_per_subject);
  if (config.discard === 'new') return;
  if (config.max_msgs > 0) while (store.messages > config.max_msgs) stream.drop(store.firstSeq, false);
  if (config.max_bytes > 0) while (store.bytes > config.max_bytes) stream.drop(store.firstSeq, false);
}

function trimSubjects(stream: Stream, most: number): void {
  const crowded = [...stream.store.subjects(undefined)].filter(([, count]) => count > most);
  for (const [subject, count] of crowded) {
    for (let over = count - most; over > 0; over--) stream.drop(stream.store.firstOnSubject(subject), false);
  }
}
