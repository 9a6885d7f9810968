import fc from 'fast-check';
import { describe, it } from 'vitest';
import { anyCommand, Both } from './model-world.ts';
import type { NaiveConfig } from './naive-stream.ts';

const RETENTIONS = ['limits', 'interest', 'workqueue'] as const;

describe.each(RETENTIONS)('Consumers of a stream with retention %s agree with a naive model', (retention) => {
  const config: fc.Arbitrary<NaiveConfig> = fc.record({
    retention: fc.constant(retention),
    discard: fc.constant('old'),
    maxMessages: fc.constantFrom(-1, -1, 5),
    maxPerSubject: fc.constantFrom(-1, -1, 2),
  });

  it('on deliveries and every counter, under random commands', () => {
    fc.assert(
      fc.property(config, fc.array(anyCommand, { maxLength: 90, size: 'max' }), (chosen, commands) => {
        const both = new Both(chosen);
        for (const command of commands) {
          both.run(command);
          both.checkConsumers(false);
        }
        both.checkStream();
        both.checkConsumers(true);
      }),
      { numRuns: 40 },
    );
  });
});
