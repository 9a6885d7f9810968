import fc from 'fast-check';

/** Some fields of a configuration: few at a time, so that most configurations are accepted. */
export type Twist = readonly [field: string, value: unknown];

/** An arbitrary of fields with one of the values given for each. */
export function twists(
  table: Readonly<Record<string, readonly unknown[]>>,
  most: number,
): fc.Arbitrary<Record<string, unknown>> {
  const one = fc.oneof(
    ...Object.entries(table).map(([field, values]) =>
      fc.constantFrom(...values).map((value): Twist => [field, value]),
    ),
  );
  return fc.array(one, { maxLength: most }).map((some) => Object.fromEntries(some));
}
