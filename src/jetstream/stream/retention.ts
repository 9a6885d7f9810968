import type { Timer } from '../../base/index.ts';
import type { Runnable } from '../env.ts';
import { expire } from '../publish/delete-markers.ts';
import type { Stream } from './stream.ts';

const NS_PER_MS = 1e6;
/** Message ids leave their window when looked up; the timer only frees memory, and need not hurry. */
const DEDUPE_SLACK_MS = 1000;
/** What sending a scheduled message costs, in messages taken out: it is read, written anew, stored and handed on. */
const SENDING_COST = 16;

/**
 * What time does to a stream: messages age out or reach the end of their own time to live, whichever is first;
 * message ids leave the duplicate window. One timer, for whatever is due next; the work itself runs from the run
 * queue, a slice at a time.
 */
export class Aging implements Runnable {
  readonly #stream: Stream;
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  /** Messages below this are gone or never grow old. */
  #oldest = 0;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Makes sure that the timer fires when something is next due. Cheap when it already does. */
  arm(): void {
    const { expiries, schedules } = this.#stream;
    const due = Math.min(this.#nextAge(), this.#nextId(), expiries.next, schedules.due.next);
    if (due >= this.#armedFor) return;
    this.stop();
    if (due === Number.POSITIVE_INFINITY) return;
    this.#armedFor = due;
    this.#timer = this.#stream.jetstream.env.scheduler.at(due, this.#fire);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  run(budget: number): boolean {
    const stream = this.#stream;
    const now = stream.jetstream.env.clock.now();
    stream.dedupe.expire(now);
    for (let left = budget; left > 0; ) {
      const cost = this.#expireOne(now);
      left -= cost;
      if (cost > 0) continue;
      this.arm();
      return false;
    }
    return true;
  }

  /** Deals with one message whose time has come: it goes, or it is sent. @returns what that cost, 0 when there is none. */
  #expireOne(now: number): number {
    const stream = this.#stream;
    const { expiries, schedules, store } = stream;
    if (schedules.due.next <= now && schedules.due.next < expiries.next) {
      schedules.fireFirst(now);
      return SENDING_COST;
    }
    if (expiries.next <= now) expire(stream, expiries.takeFirst());
    else if (this.#nextAge() > now) return 0;
    else if (store.isLasting(this.#oldest)) this.#oldest++;
    else expire(stream, this.#oldest);
    return 1;
  }

  readonly #fire = (): void => {
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#stream.jetstream.env.enqueue(this);
  };

  /**
   * When the oldest message is too old, ms, rounded up. One that never grows old counts until it is passed over then:
   * so that passing over many is sliced work too.
   */
  #nextAge(): number {
    const { store, config } = this.#stream;
    if (config.max_age <= 0 || store.messages === 0) return Number.POSITIVE_INFINITY;
    this.#oldest = Math.max(this.#oldest, store.firstSeq);
    if (!store.has(this.#oldest)) this.#oldest = store.next(this.#oldest, undefined) || store.lastSeq + 1;
    if (this.#oldest > store.lastSeq) return Number.POSITIVE_INFINITY;
    return store.msOf(this.#oldest) + Math.ceil(config.max_age / NS_PER_MS);
  }

  #nextId(): number {
    const due = this.#stream.dedupe.nextExpiry;
    return due === undefined ? Number.POSITIVE_INFINITY : due + DEDUPE_SLACK_MS;
  }
}

/** Under interest retention, drops messages that no consumer needs any more: when a consumer went. */
export class InterestSweep implements Runnable {
  readonly #stream: Stream;
  #next = 0;
  #active = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  start(): void {
    this.#next = 0;
    this.#active = true;
    this.#stream.jetstream.env.enqueue(this);
  }

  run(budget: number): boolean {
    const stream = this.#stream;
    if (!this.#active || stream.config.retention !== 'interest') return false;
    for (let done = 0; done < budget; done++) {
      const seq = stream.store.next(this.#next, undefined);
      if (seq === 0) {
        this.#active = false;
        return false;
      }
      this.#next = seq + 1;
      if (!stream.isNeeded(seq)) stream.remove(seq, false);
    }
    return true;
  }
}
