import { describe, expect, test } from 'vitest';
import { pullAs } from '../../src/api/pull.ts';
import type { Consumer, PullRequest } from '../../src/jetstream/index.ts';
import type { ByteString } from '../../src/subjects/index.ts';

/** What a consumer is told of a request with this body: the request, or what is wrong with it. */
function pulled(body: string): PullRequest | string {
  const told: (PullRequest | string)[] = [];
  const consumer = {
    next: (request: PullRequest) => told.push(request),
    refuseRequest: (complaint: string) => told.push(complaint),
  };
  const call = { sink: () => ({ subject: '' as ByteString, interested: () => true, send: () => true }) };
  pullAs(consumer as unknown as Consumer, body as ByteString, call);
  expect(told).toHaveLength(1);
  return told[0] ?? '';
}

describe('pullAs', () => {
  test('reads a body the same way however often it comes, with any number of others between', () => {
    const bodies = Array.from({ length: 200 }, (_, i) => ({ batch: i + 1, expires: 1_000_000_000 + i }));
    for (let round = 0; round < 3; round++)
      for (const body of bodies) expect(pulled(JSON.stringify(body))).toEqual(body);
  });

  test('reads long bodies too', () => {
    const body = { batch: 3, group: 'g'.repeat(1000) };
    for (let round = 0; round < 2; round++) expect(pulled(JSON.stringify(body))).toEqual(body);
  });

  test.each(['{', '{"batch":"x"}', '{"batch":1}}'])('refuses %s each time', (body) => {
    const complaint = pulled(body);
    expect(complaint).toBeTypeOf('string');
    expect(pulled(body)).toBe(complaint);
  });
});
