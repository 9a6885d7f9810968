import { agreement, live } from './fuzzers/agreement.ts';
import { authority } from './fuzzers/authority.ts';
import type { Fuzzer } from './fuzzers/fuzzer.ts';
import { integrity } from './fuzzers/integrity.ts';
import { isolation } from './fuzzers/isolation.ts';

/** Every fuzzer. A test runs each shortly, and each of its canaries until it is found. */
export const FUZZERS: readonly Fuzzer[] = [isolation, integrity, authority, agreement, live];

export function fuzzerById(id: string): Fuzzer | undefined {
  return FUZZERS.find((fuzzer) => fuzzer.id === id);
}
