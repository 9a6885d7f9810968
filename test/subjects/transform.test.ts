import { describe, expect, test } from 'vitest';
import { SubjectTransform, TransformError, toBytes } from '../../src/subjects/index.ts';
import { APPLIED, REFUSED } from './transform-table.ts';

const noChance = { below: () => 0 };

function transform(source: string, destination: string): SubjectTransform {
  return SubjectTransform.parse(toBytes(source), toBytes(destination));
}

describe('SubjectTransform.apply does as nats-server 2.14.5', () => {
  test.each(APPLIED)('%s -> %s: %s becomes %s', (source, destination, subject, result) => {
    expect(transform(source, destination).apply(toBytes(subject), noChance)).toBe(toBytes(result));
  });
});

describe('SubjectTransform.parse refuses as nats-server 2.14.5', () => {
  test.each(REFUSED)('%s -> %s: %s', (source, destination, reason) => {
    expect(() => transform(source, destination)).toThrow(new TransformError(reason));
  });
});
