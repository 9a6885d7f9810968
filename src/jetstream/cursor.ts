import { parseTime } from '../base/index.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { ConsumerStore } from './consumer-stream.ts';
import type { SubjectFilter } from './filter.ts';
import { MessageView } from './message-view.ts';

const NO_LIST = new Float64Array(0);

/**
 * Where a consumer stands in its stream: which message is new to it next, and how many are to come. The count is kept
 * by what the stream tells, never by looking through it again.
 */
export class Cursor {
  readonly #store: ConsumerStore;
  #filter: SubjectFilter | undefined;
  /** Every message from here on is new, and none before that is not in the list. */
  next: number;
  /** Messages to be delivered for the first time. */
  pending: number;
  /** With last_per_subject: what to deliver before {@link next}, ascending, and how far we are. */
  #list = NO_LIST;
  #listAt = 0;

  constructor(store: ConsumerStore, filter: SubjectFilter, config: ConsumerConfig) {
    this.#store = store;
    this.#filter = filter.all ? undefined : filter;
    if (config.deliver_policy === 'last_per_subject')
      this.#list = Float64Array.from(store.lastPerSubject(filter));
    this.next = startSequence(store, filter, config);
    this.pending = this.#list.length + store.countFrom(this.next, this.#filter);
  }

  /** The sequence before the next one that can be new: where `delivered` starts, and what heartbeats tell. */
  get position(): number {
    return (this.#list[this.#listAt] ?? this.next) - 1;
  }

  /** Whether this consumer wants messages on a subject. */
  wants(subject: Parameters<SubjectFilter['matches']>[0]): boolean {
    return this.#filter === undefined || this.#filter.matches(subject);
  }

  /** Whether a message has not been delivered yet (or is not wanted). */
  isAhead(seq: number): boolean {
    return seq >= this.next || this.#listed(seq);
  }

  /** Looks at the next new message without taking it. @returns its sequence, 0 when there is none. */
  peek(view: MessageView): number {
    while (this.#listAt < this.#list.length) {
      const seq = this.#list[this.#listAt] ?? 0;
      if (this.#store.load(seq, view)) return seq;
      this.#listAt++;
    }
    if (this.#list !== NO_LIST) this.#dropList();
    if (this.pending > 0) {
      const seq = this.#store.next(this.next, this.#filter, view);
      if (seq > 0) {
        this.next = seq;
        return seq;
      }
      this.pending = 0;
    }
    this.next = Math.max(this.next, this.#store.lastSeq + 1);
    return 0;
  }

  /** Takes the message that {@link peek} showed. */
  take(seq: number): void {
    this.pending--;
    if (this.#listAt < this.#list.length) this.#listAt++;
    else this.next = seq + 1;
  }

  /** A wanted message was removed from the stream. */
  removed(seq: number): void {
    if (this.isAhead(seq)) this.pending--;
  }

  /** Many messages went: none below `firstSeq` is left, and others may be missing too. */
  purged(firstSeq: number): void {
    this.next = Math.max(this.next, firstSeq);
    this.recount();
  }

  /** Changes what is wanted from here on. */
  refilter(filter: SubjectFilter): void {
    this.#filter = filter.all ? undefined : filter;
    this.recount();
  }

  /** Counts by looking at the store. */
  recount(): void {
    if (this.#list.length > 0) this.#refreshList();
    this.pending = this.#list.length + this.#store.countFrom(this.next, this.#filter);
  }

  #refreshList(): void {
    const view = new MessageView();
    const rest = this.#list.subarray(this.#listAt);
    this.#list = rest.filter((seq) => this.#store.load(seq, view) && this.wants(view.subject));
    this.#listAt = 0;
  }

  #dropList(): void {
    this.#list = NO_LIST;
    this.#listAt = 0;
  }

  #listed(seq: number): boolean {
    let low = this.#listAt;
    let high = this.#list.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.#list[middle] ?? 0;
      if (found === seq) return true;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return false;
  }
}

/** The first sequence that a deliver policy means (measured on 2.14.5). */
function startSequence(store: ConsumerStore, filter: SubjectFilter, config: ConsumerConfig): number {
  const first = Math.max(1, store.firstSeq);
  switch (config.deliver_policy) {
    case 'all':
      return first;
    case 'last':
      return store.lastOf(filter) || first;
    case 'new':
    case 'last_per_subject':
      return store.lastSeq + 1;
    case 'by_start_sequence':
      return Math.max(config.opt_start_seq ?? 1, first);
    case 'by_start_time': {
      const at = parseTime(config.opt_start_time ?? '');
      return at === undefined ? first : Math.max(store.seqAtTime(at), first);
    }
  }
}
