import { limits } from '../../base/index.ts';
import type { Runnable } from '../env.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';
import type { Feed, Inflow } from './inflow.ts';

/** What comparing a subject with a filter costs, in messages counted. */
const SUBJECT_EFFORT = 8;

/**
 * Reads an origin of the same account: its store, message after message, a slice at a time. That an origin takes from
 * others in turn makes a chain of such readers, each with its own turn in the run queue.
 */
export class LocalFeed implements Feed, Runnable {
  readonly isNear = true;
  readonly #inflow: Inflow;
  readonly #origin: Stream;
  readonly #view = new MessageView();
  /** The sequence of the origin to look at next. */
  #next: number;
  /** It waits for its turn, or for room in the stream: no need to be woken. */
  #isBusy = false;
  #isStopped = false;

  constructor(inflow: Inflow, origin: Stream) {
    this.#inflow = inflow;
    this.#origin = origin;
    this.#next = firstFor(inflow, origin);
    inflow.beginBehind(this.#next - 1);
    inflow.heard();
    this.wake();
  }

  /** Where counting would take too long, as one reply shows all sources of a stream, what the filter leaves out counts too. */
  get lag(): number {
    const { store } = this.#origin;
    const behind = store.lastSeq + 1 - this.#next;
    if (behind <= 0) return 0;
    const sources = this.#inflow.stream.config.sources?.length ?? 1;
    const effort = sources * (behind + SUBJECT_EFFORT * store.numSubjects);
    const isCounted = effort <= limits.MAX_SUBJECT_COMPARISONS;
    return store.countFrom(this.#next, isCounted ? this.#inflow.route.filter : undefined);
  }

  wake(): void {
    if (this.#isBusy || this.#isStopped) return;
    this.#isBusy = true;
    this.#origin.jetstream.env.enqueue(this);
  }

  resume(): void {
    this.#isBusy = false;
    this.wake();
  }

  stop(): void {
    this.#isStopped = true;
  }

  run(budget: number): boolean {
    if (this.#isStopped) return false;
    const { store } = this.#origin;
    const { filter } = this.#inflow.route;
    const view = this.#view;
    for (let left = budget; left > 0; left--) {
      const seq = store.next(this.#next, undefined, view);
      if (seq === 0) return this.#rest();
      if (filter.matches(view.subject) && !this.#inflow.take(view)) {
        this.#inflow.retry(this);
        return false;
      }
      this.#next = seq + 1;
    }
    return true;
  }

  #rest(): false {
    this.#isBusy = false;
    this.#inflow.heard();
    return false;
  }
}

/**
 * Where reading begins: behind what has come before, be that above all that the origin has, when it was made anew.
 * A first sequence or time that is still to come means whatever comes next (measured on 2.14.5).
 */
function firstFor({ resumesAt, source, startsAt }: Inflow, { store }: Stream): number {
  if (resumesAt !== undefined) return resumesAt;
  const asked = startsAt === undefined ? (source.opt_start_seq ?? 0) : store.seqAtTime(startsAt);
  return Math.max(1, store.firstSeq, Math.min(asked, store.lastSeq + 1));
}
