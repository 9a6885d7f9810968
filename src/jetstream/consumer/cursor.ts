import { limits, parseTime } from '../../base/index.ts';
import type { StateReader, StateWriter } from '../state/index.ts';
import type { SubjectFilter } from '../store/filter.ts';
import { MessageView } from '../store/message-view.ts';
import type { Tally } from '../stream/consumer-index.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { ConsumerStore } from './consumer-stream.ts';

const NO_LIST = new Float64Array(0);

/** What a resting cursor knows: how many messages there had been, and who wants to hear that it rests no longer. */
interface Rest {
  readonly tally: Tally;
  readonly stored: number;
  readonly ended: () => void;
  /** Whether the count from then is no help any more. */
  isStale: boolean;
}

/**
 * Where a consumer stands in its stream: which message is new to it next, and how many are to come. The count is kept
 * by what the stream tells. While nobody waits the cursor may rest: it is told nothing, and catches up when it is
 * looked at, nearly always by the stream's own count of what was stored meanwhile.
 */
export class Cursor {
  readonly #store: ConsumerStore;
  #filter: SubjectFilter | undefined;
  /** Every message from here on is new, and none before that is not in the list. */
  next: number;
  #pending = 0;
  #resting: Rest | undefined;
  /** With last_per_subject: what to deliver before {@link next}, ascending, and how far we are. */
  #list = NO_LIST;
  #listAt = 0;

  constructor(store: ConsumerStore, filter: SubjectFilter, config: ConsumerConfig) {
    this.#store = store;
    this.#filter = filter.all ? undefined : filter;
    if (config.deliver_policy === 'last_per_subject')
      this.#list = Float64Array.from(store.lastPerSubject(filter));
    this.next = startSequence(store, filter, config);
    this.#pending = this.#list.length + store.countFrom(this.next, this.#filter);
  }

  /** Messages to be delivered for the first time. */
  get pending(): number {
    if (this.#resting !== undefined) this.#catchUp(this.#resting);
    return this.#pending;
  }

  set pending(count: number) {
    this.#pending = count;
  }

  get isResting(): boolean {
    return this.#resting !== undefined;
  }

  /**
   * Nobody tells of messages any more; only for a cursor that wants all of them.
   * @param ended called when it is looked at again, and has to be told from then on.
   */
  rest(tally: Tally, ended: () => void): void {
    this.#resting = { tally, stored: tally.stored, ended, isStale: this.next > tally.lastStored + 1 };
  }

  #catchUp({ tally, stored, ended, isStale }: Rest): void {
    this.#resting = undefined;
    if (!isStale && tally.highestRemoved <= this.position) this.#pending += tally.stored - stored;
    else this.recount(tally.lastStored);
    ended();
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

  /** A wanted message was stored; one before a start in the future does not count (measured on 2.14.5). */
  stored(seq: number): void {
    if (seq >= this.next) this.#pending++;
  }

  /** Takes the message that {@link peek} showed. */
  take(seq: number): void {
    this.pending--;
    if (this.#listAt < this.#list.length) this.#listAt++;
    else this.next = seq + 1;
  }

  /** Many messages went, all below `firstSeq` and others that were told of; without any left none was. */
  purged(firstSeq: number): void {
    this.next = Math.max(this.next, firstSeq);
    if (this.#resting !== undefined) this.#resting.isStale = true;
    if (firstSeq <= this.#store.lastSeq) return;
    this.#dropList();
    this.#pending = 0;
  }

  /** Changes what is wanted from here on. */
  refilter(filter: SubjectFilter): void {
    if (this.#resting !== undefined) this.#catchUp(this.#resting);
    this.#filter = filter.all ? undefined : filter;
    this.recount();
  }

  /** Goes to a stream sequence: with last_per_subject to the last messages of subjects that are not before it. */
  seek(seq: number, config: ConsumerConfig): void {
    if (this.#resting !== undefined) this.#catchUp(this.#resting);
    this.#dropList();
    this.next = seq;
    if (config.deliver_policy === 'last_per_subject') {
      const last = this.#store.lastPerSubject(this.#filter);
      this.#list = Float64Array.from(last.filter((one) => one >= seq));
      this.next = Math.max(seq, this.#store.lastSeq + 1);
    }
    this.recount();
  }

  /** Counts by looking at the store, at what came up to `last`; the rest will be told of. */
  recount(last = Number.MAX_SAFE_INTEGER - 1): void {
    if (this.#list.length > 0) this.#refreshList();
    const untold = this.#store.countFrom(Math.max(this.next, last + 1), this.#filter);
    this.#pending = this.#list.length + this.#store.countFrom(this.next, this.#filter) - untold;
  }

  save(to: StateWriter): void {
    to.number(this.next);
    to.word(this.#list.length - this.#listAt);
    for (let at = this.#listAt; at < this.#list.length; at++) to.number(this.#list[at] ?? 0);
  }

  /** What is to come is counted anew. */
  load(from: StateReader): void {
    this.next = from.integer();
    const list = new Float64Array(from.count(8));
    let last = 0;
    for (let at = 0; at < list.length; at++) list[at] = last = from.integer(last + 1, this.next);
    this.#list = list.length === 0 ? NO_LIST : list;
    this.#listAt = 0;
    this.recount();
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
    case 'by_start_sequence': {
      // A stream that takes from this one wants what comes next, where its first sequence is still to come.
      const most = config.direct === true ? store.lastSeq + 1 : limits.MAX_SEQUENCE;
      return Math.max(Math.min(config.opt_start_seq ?? 1, most), first);
    }
    case 'by_start_time': {
      const at = parseTime(config.opt_start_time ?? '');
      return at === undefined ? first : Math.max(store.seqAtTime(at), first);
    }
  }
}
