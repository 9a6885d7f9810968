import type { ByteString } from '../../subjects/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Stream } from './stream.ts';

/** Whether account and stream have room for one more message that counts so many bytes. */
export function checkRoom(stream: Stream, subject: ByteString, cost: number): JsError | undefined {
  const { config, jetstream } = stream;
  if (!jetstream.hasRoom(config.storage, cost)) return jsError('JSAccountResourcesExceededErr');
  return config.discard === 'new' ? checkFull(stream, subject, cost) : undefined;
}

/** A stream that discards new messages takes one only if it stays within its limits; replacing counts as staying. */
function checkFull({ config, store }: Stream, subject: ByteString, cost: number): JsError | undefined {
  const perSubject = config.max_msgs_per_subject;
  const replaces = perSubject > 0 && store.countOnSubject(subject) >= perSubject;
  if (replaces && config.discard_new_per_subject === true)
    return full('maximum messages per subject exceeded');
  if (config.max_msgs > 0 && store.messages >= config.max_msgs && !replaces)
    return full('maximum messages exceeded');
  if (config.max_bytes > 0) {
    const freed = replaces ? store.costOf(store.firstOnSubject(subject)) : 0;
    if (store.bytes + cost - freed > config.max_bytes) return full('maximum bytes exceeded');
  }
  return undefined;
}

/** A stream that discards new messages is full. */
export function full(err: string): JsError {
  return jsError('JSStreamStoreFailedF', { err });
}
