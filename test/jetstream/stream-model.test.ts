import fc from 'fast-check';
import { describe, it } from 'vitest';
import { Both, streamCommand } from './model-world.ts';
import type { NaiveConfig } from './naive-stream.ts';

const config: fc.Arbitrary<NaiveConfig> = fc.record(
  {
    retention: fc.constant('limits' as const),
    discard: fc.constantFrom('old' as const, 'new' as const),
    maxMessages: fc.constantFrom(0, 0, 3, 12),
    maxBytes: fc.constantFrom(0, 0, 150, 600),
    maxPerSubject: fc.constantFrom(0, 0, 1, 3),
    maxAge: fc.constantFrom(0, 2040),
  },
  { requiredKeys: ['retention', 'discard'] },
);

describe('Stream agrees with an array', () => {
  it('on state, contents and searches, under random commands', () => {
    fc.assert(
      fc.property(config, fc.array(streamCommand, { maxLength: 60, size: 'max' }), (chosen, commands) => {
        const both = new Both(withoutZeros(chosen));
        for (const [at, command] of commands.entries()) {
          both.run(command);
          both.checkStream();
          if (at % 5 === 0) both.checkSearches(at);
        }
      }),
      { numRuns: 40 },
    );
  });
});

function withoutZeros(config: NaiveConfig): NaiveConfig {
  const perSubject = config.discard === 'new' && (config.maxPerSubject ?? 0) > 0;
  const entries = Object.entries(config).filter(([, value]) => value !== 0);
  return {
    ...(Object.fromEntries(entries) as unknown as NaiveConfig),
    discardNewPerSubject: perSubject && (config.maxMessages ?? 0) > 3,
  };
}
