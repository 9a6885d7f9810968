import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTree, parseConfig, printConfig, sameOptions } from '../../src/config/index.ts';
import { valuesFromTree } from '../../src/config/tree.ts';

/** Subjects with two wildcards, so that any `to` below fits. */
const head = fc.constantFrom('s', 'v', 'ü', '$JS', '"q"');
const subject = head.map((first) => `${first}.*.*`);
const name = fc.constantFrom('A', 'B', 'É', '__proto__', 'C d');
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const exported = fc.oneof(
  fc.record({ stream: subject, accounts: maybe(fc.uniqueArray(name)) }),
  fc.record({
    service: subject,
    accounts: maybe(fc.uniqueArray(name)),
    response_type: maybe(fc.constantFrom('singleton', 'single')),
    threshold: maybe(fc.constantFrom('5s', '1m30s', '0s', '250ms')),
    latency: maybe(
      fc.oneof(
        fc.constant('m.x'),
        fc.record({ subject: fc.constant('m'), sampling: fc.constantFrom(1, 50, '7%', 'headers') }),
      ),
    ),
    account_token_position: maybe(fc.constantFrom(0, 2, 3)),
    allow_trace: maybe(fc.boolean()),
  }),
);
const source = fc.record({ account: name, subject });
const renamed = fc.constantFrom('to.$2.$1', 'to.*.*', 'to.{{wildcard(2)}}.{{Wildcard(1)}}');
const imported = fc.oneof(
  fc.record({ stream: source, prefix: fc.constantFrom('p', 'p.', '') }),
  fc.record({ stream: source, to: maybe(renamed), allow_trace: maybe(fc.boolean()) }),
  fc.record({ service: source, to: maybe(renamed), share: maybe(fc.boolean()) }),
);
const destination = fc.record(
  {
    destination: fc.constantFrom('d.$1', 'd.{{partition(3,1)}}', 'd', 'd.$2.$1'),
    weight: fc.constantFrom(10, '20%', 0),
    cluster: fc.constantFrom('X', 'Y'),
  },
  { requiredKeys: ['destination', 'weight'] },
);
const mappings = fc.dictionary(
  subject,
  fc.oneof(fc.constantFrom('d', 'd.$1'), destination, fc.array(destination, { maxLength: 3 })),
  { maxKeys: 3 },
);
const account = fc.record({
  exports: fc.array(exported, { maxLength: 4 }),
  imports: fc.array(imported, { maxLength: 4 }),
  mappings,
});
const tree = fc.record({
  accounts: fc
    .uniqueArray(fc.tuple(name, account), { selector: ([key]) => key })
    .map((pairs) => new Map(pairs)),
  mappings,
});

/** What is made of it: the options, or the messages without their places. */
function outcome(read: () => ReturnType<typeof fromTree>): unknown {
  try {
    return read().options;
  } catch (thrown) {
    const { problems } = thrown as { problems: readonly { message: string }[] };
    // A message may tell where its other end stands.
    return problems.map(({ message }) => message.replace(/ \(.*$| at .*$/, ''));
  }
}

describe('printConfig', () => {
  it('writes doors and mappings that read as the same ones', () => {
    let accepted = 0;
    fc.assert(
      fc.property(tree, (given) => {
        const before = outcome(() => fromTree(given));
        const after = outcome(() => parseConfig(printConfig(valuesFromTree(given))));
        expect(sameOptions(before, after) || [before, after]).toBe(true);
        if (!Array.isArray(before)) accepted++;
      }),
      { numRuns: 150, seed: 7 },
    );
    expect(accepted).toBeGreaterThan(5);
  });
});
