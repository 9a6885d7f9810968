import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { refusalOf } from './helpers.ts';

const limitsOf = (text: string) =>
  parseConfig(`jetstream { limits { ${text} } }`, { file: 'x.conf' }).options.jetstream?.limits;

describe('limits of jetstream', () => {
  it.each([
    ['max_ack_pending: 5', { maxAckPending: 5 }],
    ['max_request_batch: 2k', { maxRequestBatch: 2000 }],
    ['duplicate_window: "5s"', { duplicateWindowNs: 5e9 }],
    ['batch { max_msgs: 7 }', { batchMessages: 7 }],
    [
      'batch { max_inflight_per_stream: 2, max_inflight_total: 3 }',
      { batchesPerStream: 2, batchesPerAccount: 3 },
    ],
    ['batch { timeout: "300ms" }', { batchTimeoutMs: 300 }],
    // What is negative counts as not said.
    ['max_ack_pending: -1, max_request_batch: -1', { maxAckPending: 0, maxRequestBatch: 0 }],
    [
      'duplicate_window: "-5s", batch { timeout: "-1s", max_msgs: -1 }',
      { duplicateWindowNs: 0, batchTimeoutMs: 0, batchMessages: 0 },
    ],
  ])('reads %s', (text, expected) => {
    expect(limitsOf(text)).toMatchObject(expected);
  });

  it.each([
    ['jetstream { limits: 5 }', /Expected a map to define JetStreamLimits, got int64/],
    ['jetstream { limits { batch: 5 } }', /Expected a map to define batch limits, got int64/],
    ['jetstream { limits { foo: 1 } }', /unknown field "foo"/],
    ['jetstream { limits { batch { foo: 1 } } }', /unknown field "foo"/],
    ['jetstream { limits { duplicate_window: "x" } }', /invalid duration "x"/],
    ['jetstream { limits { max_ack_pending: "x" } }', /int/],
  ])('refuses %s', (text, message) => {
    expect(refusalOf(text)).toMatch(message);
  });
});
