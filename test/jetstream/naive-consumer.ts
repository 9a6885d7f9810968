import { type NaiveReader, type NaiveStream, passes } from './naive-stream.ts';

/** What of a consumer's configuration the model knows. Times are ms. */
export interface NaiveConsumerConfig {
  readonly filter: readonly string[];
  readonly ack: 'none' | 'all' | 'explicit';
  readonly ackWait: number;
  readonly maxDeliver: number;
  readonly maxAckPending: number;
  readonly deliver: 'all' | 'new' | 'last' | 'last_per_subject' | 'by_start_sequence';
  readonly start?: number;
}

/** A message that was delivered and is not settled. */
interface Row {
  readonly consumerSeq: number;
  count: number;
  due: number;
  isQueued: boolean;
  /** Delivered as often as allowed: nobody waits for it any more. */
  isExhausted: boolean;
}

interface Waiter {
  left: number;
  readonly noWait: boolean;
  readonly expires: number;
}

/** A delivery: stream sequence, consumer sequence, how often it was delivered, how many are to come. */
export type Delivery = readonly [seq: number, consumerSeq: number, count: number, pending: number];

/** A pull consumer as it is meant: what is pending is found by looking at every message again, each time. */
export class NaiveConsumer implements NaiveReader {
  readonly stream: NaiveStream;
  readonly config: NaiveConsumerConfig;
  filter: readonly string[];
  rows = new Map<number, Row>();
  queue: number[] = [];
  waiters: Waiter[] = [];
  out: Delivery[] = [];
  delivered: [number, number];
  floor: [number, number];
  #next: number;
  #list: number[];

  constructor(stream: NaiveStream, config: NaiveConsumerConfig) {
    this.stream = stream;
    this.config = config;
    this.filter = config.filter;
    this.#list = config.deliver === 'last_per_subject' ? this.#lastOfEach() : [];
    this.#next = this.#start();
    const before = (this.#list[0] ?? this.#next) - 1;
    this.delivered = [0, before];
    this.floor = [0, before];
  }

  #lastOfEach(): number[] {
    const found = this.stream.matching(this.filter);
    return found
      .filter((one) => !found.some((other) => other.subject === one.subject && other.seq > one.seq))
      .map((one) => one.seq);
  }

  #start(): number {
    const first = Math.max(1, this.stream.first);
    switch (this.config.deliver) {
      case 'all':
        return first;
      case 'last':
        return this.stream.matching(this.filter).at(-1)?.seq ?? first;
      case 'by_start_sequence':
        return Math.max(this.config.start ?? 1, first);
      default:
        return this.stream.last + 1;
    }
  }

  /** Everything to be delivered for the first time, in order. */
  pending(): number[] {
    const ahead = this.stream.matching(this.filter, this.#next).map((one) => one.seq);
    return [...this.#listed(), ...ahead];
  }

  #listed(): number[] {
    return this.#list.filter((seq) => passes(this.filter, this.stream.find(seq)?.subject ?? ''));
  }

  get live(): [number, Row][] {
    return [...this.rows].filter(([, row]) => !row.isExhausted);
  }

  needs(seq: number, subject: string): boolean {
    if (!passes(this.filter, subject)) return false;
    return seq >= this.#next || this.#list.includes(seq) || this.rows.has(seq);
  }

  removed(seq: number): void {
    this.#list = this.#list.filter((one) => one !== seq);
    this.settle(seq);
  }

  purged(): void {
    const { first } = this.stream;
    const isLost = first - 1 > this.floor[1];
    this.#next = Math.max(this.#next, first);
    this.delivered[1] = Math.max(this.delivered[1], first - 1);
    if (isLost) this.#floorBelowFirst();
  }

  /** Fewer subjects are wanted from here on. */
  refilter(filter: readonly string[]): void {
    this.filter = filter;
    this.#list = this.#listed();
  }

  ask(batch: number, noWait: boolean, expires: number): void {
    const available = this.pending().length + this.queue.length;
    const wanted = this.waiters.reduce((sum, waiter) => sum + waiter.left, 0);
    if (noWait && (available === 0 || available < wanted)) return;
    this.waiters.push({ left: batch, noWait, expires });
    this.pump();
  }

  /** Delivers while somebody waits and there is something. */
  pump(): void {
    for (let waiter = this.waiters[0]; waiter !== undefined; waiter = this.waiters[0]) {
      const seq = this.#nextAgain() ?? this.#nextNew();
      if (seq !== undefined) {
        this.waiters.shift();
        if (--waiter.left > 0) this.waiters.push(waiter);
        this.#deliver(seq);
      } else if (waiter.noWait && !this.#isFull()) this.waiters.shift();
      else return;
    }
  }

  #nextAgain(): number | undefined {
    for (let seq = this.queue.shift(); seq !== undefined; seq = this.queue.shift()) {
      const row = this.rows.get(seq);
      if (row?.isQueued === true && !this.#giveUp(seq, row)) return seq;
    }
    return undefined;
  }

  #nextNew(): number | undefined {
    return this.#isFull() ? undefined : this.pending()[0];
  }

  /** Whether nothing new goes out before something is acknowledged. */
  #isFull(): boolean {
    const { maxAckPending, ack } = this.config;
    return ack !== 'none' && maxAckPending > 0 && this.live.length >= maxAckPending;
  }

  #deliver(seq: number): void {
    const { ack, ackWait } = this.config;
    const due = this.stream.now + ackWait;
    const row = this.rows.get(seq);
    this.delivered[0]++;
    if (row === undefined) {
      if (this.#list.includes(seq)) this.#list = this.#list.filter((one) => one > seq);
      else this.#next = seq + 1;
      this.delivered[1] = Math.max(this.delivered[1], seq);
      if (ack === 'none') this.floor = [...this.delivered];
      else {
        const fresh = { consumerSeq: this.delivered[0], count: 1, due, isQueued: false, isExhausted: false };
        this.rows.set(seq, fresh);
      }
    } else {
      row.count++;
      row.isQueued = false;
      row.due = due;
    }
    this.out.push([seq, this.delivered[0], row?.count ?? 1, this.pending().length]);
    if (ack === 'none') this.stream.settled(this, seq);
  }

  /** An acknowledgement of a delivery. */
  acknowledge(seq: number, consumerSeq: number): void {
    if (this.config.ack === 'none') return;
    if (this.config.ack === 'all') this.#acknowledgeUpTo(seq, consumerSeq);
    else if (this.rows.has(seq)) this.#finish(seq);
    this.pump();
  }

  #acknowledgeUpTo(seq: number, consumerSeq: number): void {
    const [floorSeq, floorStream] = this.floor;
    if (consumerSeq <= floorSeq || consumerSeq > this.delivered[0]) return;
    if (seq <= floorStream || seq > this.delivered[1]) return;
    this.floor = [consumerSeq, seq];
    for (const one of [...this.rows.keys()].sort((a, b) => a - b)) {
      if (one > seq) continue;
      this.rows.delete(one);
      this.stream.settled(this, one);
    }
  }

  terminate(seq: number): void {
    if (this.rows.get(seq)?.isExhausted === false) this.#finish(seq);
    this.pump();
  }

  #finish(seq: number): void {
    this.settle(seq);
    this.stream.settled(this, seq);
  }

  /** A message is not waited for any more; the floor moves up to the lowest one that is. */
  settle(seq: number): void {
    const row = this.rows.get(seq);
    if (row === undefined) return;
    this.rows.delete(seq);
    if (row.isExhausted) return;
    if (this.live.length === 0 || row.consumerSeq === this.floor[0] + 1) this.#floorBelowFirst();
  }

  #floorBelowFirst(): void {
    const [first] = this.live.sort(([a], [b]) => a - b);
    this.floor = first === undefined ? [...this.delivered] : [first[1].consumerSeq - 1, first[0] - 1];
  }

  refuse(seq: number, delay: number): void {
    const row = this.rows.get(seq);
    if (row === undefined || row.isExhausted) return;
    if (delay > 0) {
      row.isQueued = false;
      row.due = this.stream.now + delay;
    } else this.#enqueue(seq, row);
    this.pump();
  }

  progress(seq: number): void {
    const row = this.rows.get(seq);
    if (row?.isExhausted === false) row.due = this.stream.now + this.config.ackWait;
  }

  #enqueue(seq: number, row: Row): void {
    if (row.isQueued) return;
    row.isQueued = true;
    this.queue.push(seq);
  }

  #giveUp(seq: number, row: Row): boolean {
    const { maxDeliver } = this.config;
    if (maxDeliver <= 0 || row.count < maxDeliver) return false;
    if (row.count < 2) this.rows.delete(seq);
    else {
      row.isExhausted = true;
      row.isQueued = false;
    }
    return true;
  }

  /** When something falls due: the end of a wait or of a request. */
  get nextDue(): number {
    const waits = this.live.filter(([, row]) => !row.isQueued).map(([, row]) => row.due);
    return Math.min(Number.POSITIVE_INFINITY, ...waits, ...this.waiters.map((one) => one.expires));
  }

  expire(): void {
    for (const [seq, row] of this.live.sort(([a], [b]) => a - b)) {
      if (row.due <= this.stream.now && !row.isQueued && !this.#giveUp(seq, row)) this.#enqueue(seq, row);
    }
    this.waiters = this.waiters.filter((one) => one.expires > this.stream.now);
    this.pump();
  }

  counters(): Record<string, unknown> {
    return {
      delivered: this.delivered,
      floor: this.floor,
      ackPending: this.live.length,
      redelivered: [...this.rows.values()].filter((row) => row.count > 1).length,
      pending: this.pending().length,
    };
  }
}
