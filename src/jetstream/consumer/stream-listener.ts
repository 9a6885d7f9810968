import type { ByteString } from '../../subjects/index.ts';
import type { SubjectFilter } from '../store/filter.ts';
import type { ConsumerIndex } from '../stream/consumer-index.ts';
import type { ConsumerAdvisories } from './consumer-advisories.ts';
import type { ConsumerStore } from './consumer-stream.ts';
import type { Cursor } from './cursor.ts';
import type { Ledger } from './ledger.ts';
import type { RunTurns } from './run-turns.ts';
import type { StreamConsumer } from './stream-consumer.ts';
import type { Supply } from './supply.ts';

const NO_ROW = -1;
const DELETED_REASON = 'Unacknowledged message was deleted';

/**
 * Hears what happens in the stream on behalf of one consumer: counts what is to come, settles deliveries of messages
 * that are gone, and asks for a turn when there is something to do.
 */
export class StreamListener implements StreamConsumer {
  readonly #store: ConsumerStore;
  readonly #cursor: Cursor;
  readonly #ledger: Ledger;
  readonly #supply: Supply;
  readonly #advisories: ConsumerAdvisories;
  readonly #turns: RunTurns;
  #filter: SubjectFilter;
  /** The last sequence the stream told of; what it removes above that was never counted. */
  #lastHeard: number;

  constructor(supply: Supply, advisories: ConsumerAdvisories, turns: RunTurns, filter: SubjectFilter) {
    this.#store = supply.store;
    this.#cursor = supply.cursor;
    this.#ledger = supply.ledger;
    this.#supply = supply;
    this.#advisories = advisories;
    this.#turns = turns;
    this.#filter = filter;
    this.#lastHeard = supply.store.lastSeq;
  }

  get filter(): SubjectFilter {
    return this.#filter;
  }

  /** Changes which messages it wants; the stream has to file it anew. */
  refilter(filter: SubjectFilter): void {
    this.#filter = filter;
    this.#cursor.refilter(filter);
  }

  onStored(seq: number, subject: ByteString): boolean {
    this.#lastHeard = seq;
    if (!this.#cursor.wants(subject)) return true;
    this.#cursor.stored(seq);
    if (!this.#supply.isSaturated) this.#turns.wake();
    return this.#turns.isWanted;
  }

  rest(index: ConsumerIndex): boolean {
    this.#cursor.rest(index.tally, () => {
      this.#lastHeard = index.tally.lastStored;
      index.rejoin(this);
    });
    return !this.#ledger.pending.isEmpty;
  }

  onRemoved(seq: number, subject: ByteString): boolean {
    const { isResting } = this.#cursor;
    if (seq > this.#lastHeard && !isResting) return true;
    if (!this.#cursor.wants(subject) || !this.#cursor.isAhead(seq)) this.#lost(seq);
    // A request that does not wait ends as soon as nothing is to come.
    else if (!isResting && --this.#cursor.pending === 0) this.#turns.wake();
    return !this.#ledger.pending.isEmpty;
  }

  onPurged(firstSeq: number): void {
    this.#ledger.purged(firstSeq, (seq) => !this.#store.has(seq));
    this.#cursor.purged(firstSeq);
    this.#turns.wake();
  }

  needs(seq: number, subject: ByteString): boolean {
    if (!this.#cursor.wants(subject)) return false;
    return this.#cursor.isAhead(seq) || this.#ledger.pending.find(seq) !== NO_ROW;
  }

  /** A message that was delivered is gone. */
  #lost(seq: number): void {
    const { pending } = this.#ledger;
    const row = pending.find(seq);
    if (row === NO_ROW) return;
    if (pending.isLive(row)) {
      const delivery = {
        consumer_seq: pending.consumerSeq(row),
        stream_seq: seq,
        deliveries: pending.count(row),
      };
      this.#advisories.terminated(delivery, DELETED_REASON);
    }
    this.#ledger.settle(row);
    this.#turns.wake();
  }
}
