import { agreement, live } from './fuzzers/agreement.ts';
import { authority } from './fuzzers/authority.ts';
import type { Fuzzer } from './fuzzers/fuzzer.ts';
import { integrity } from './fuzzers/integrity.ts';
import { isolation } from './fuzzers/isolation.ts';
import type { ListenerFuzzer } from './listeners/listener-fuzzer.ts';
import { LISTENER_FUZZERS } from './listeners/ways.ts';

/** Every fuzzer of what clients do once they are in. A test runs each shortly, and each of its canaries until it is found. */
export const FUZZERS: readonly Fuzzer[] = [isolation, integrity, authority, agreement, live];

/** `listeners` is all of those of raw bytes before a login. */
export const ALL_LISTENERS = 'listeners';

export { LISTENER_FUZZERS };

/** Those of raw bytes that an id means; none where it means none. */
export function listenerFuzzersById(id: string): readonly ListenerFuzzer[] {
  return LISTENER_FUZZERS.filter((fuzzer) => id === ALL_LISTENERS || fuzzer.id === id);
}

export function fuzzerById(id: string): Fuzzer | undefined {
  return FUZZERS.find((fuzzer) => fuzzer.id === id);
}
