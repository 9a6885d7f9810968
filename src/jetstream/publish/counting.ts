import { Message } from '../../base/index.ts';
import { type JsError, jsError } from '../errors.ts';
import type { Stream } from '../stream/stream.ts';
import { counterOn, incrementOf, placeCounted, sourcesOn, takeOver } from './counter.ts';
import { withIncrement, withSources } from './counter-sources.ts';
import type { MessageInHand, Origin } from './message-in-hand.ts';
import { HEADER } from './publish-headers.ts';

/** Turns increments into what a stream of counters stores. One per stream, off for most. */
export class Counting {
  /** Whether the stream is one of counters. */
  isOn = false;
  /** What the counter stands at that was raised last. */
  value = 0n;
  readonly #stream: Stream;
  readonly #hand: MessageInHand;
  readonly #counted = new Message();

  constructor(stream: Stream, hand: MessageInHand) {
    this.#stream = stream;
    this.#hand = hand;
  }

  /** A counter stream keeps increments, and what the server itself puts there. */
  check(origin: Origin): JsError | undefined {
    const isMissing = this.isOn && origin !== 'server' && !this.#hand.headers.has(HEADER.incr);
    return isMissing ? jsError('JSMessageIncrMissingErr') : undefined;
  }

  /**
   * The message that a counter stores for an increment; measured: its new value counts for the message's size.
   * @param before what the counter stands at, by default what its last message says.
   */
  raised(message: Message, before = counterOn(this.#stream.store, message.subject)): Message | JsError {
    if (before === undefined) return jsError('JSMessageCounterBrokenErr');
    this.value = before + incrementOf(this.#hand.headers);
    const header = withSources(message.copyHeader(), sourcesOn(this.#stream.store, message.subject));
    const counted = placeCounted(this.#counted, message, header, this.value);
    return this.#hand.checkSize(counted) ?? counted;
  }

  /**
   * What a counter stores when another stream's counter was raised; absent when it has no place for the message. The
   * next message from there makes up for an increment that found none.
   */
  takenOver(message: Message): Message | undefined {
    if (!this.#hand.headers.has(HEADER.incr)) return undefined;
    const { store } = this.#stream;
    const sources = sourcesOn(store, message.subject);
    const before = counterOn(store, message.subject);
    const rise = takeOver(message, sources);
    if (before === undefined || rise === undefined) return undefined;
    const header = withSources(withIncrement(message.copyHeader(), rise), sources);
    const counted = placeCounted(this.#counted, message, header, before + rise);
    return this.#hand.checkSize(counted) === undefined ? counted : undefined;
  }
}
