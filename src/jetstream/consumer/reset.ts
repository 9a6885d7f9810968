import { limits, parseTime } from '../../base/index.ts';
import { jsError } from '../errors.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { ConsumerStore } from './consumer-stream.ts';
import type { Supply } from './supply.ts';

/**
 * Forgets all deliveries and goes to a stream sequence, or (0) behind what is acknowledged.
 * @returns the sequence. @throws JsError when the deliver policy does not let it go there.
 */
export function startOver(seq: number, config: ConsumerConfig, { cursor, ledger, store }: Supply): number {
  const to = seq === 0 ? ledger.floorStream + 1 : resetPosition(seq, config, store);
  cursor.seek(to, config);
  ledger.restart(to - 1);
  return to;
}

/**
 * Where a consumer that is told to go to a stream sequence may go: not before its start, and nowhere when its start was
 * a matter of the moment (measured on 2.14.5).
 * @throws JsError when it may not.
 */
function resetPosition(seq: number, config: ConsumerConfig, store: ConsumerStore): number {
  const problem = problemOf(seq, config, store);
  if (problem !== undefined) throw jsError('JSConsumerInvalidResetErr', { err: problem });
  return Math.min(seq, limits.MAX_SEQUENCE);
}

function problemOf(seq: number, config: ConsumerConfig, store: ConsumerStore): string | undefined {
  switch (config.deliver_policy) {
    case 'all':
      return undefined;
    case 'by_start_sequence':
      return seq < (config.opt_start_seq ?? 1) ? 'below start seq' : undefined;
    case 'by_start_time': {
      const start = parseTime(config.opt_start_time ?? '');
      return start !== undefined && seq < store.seqAtTime(start) ? 'below start time' : undefined;
    }
    default:
      return 'not allowed';
  }
}
