import { type Closable, Message, type Random, statusHeader } from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../../subjects/index.ts';
import type { JetStreamEnv } from '../env.ts';
import type { ConsumerConfig } from './consumer-config.ts';
import type { Outlet, Progress } from './outlet.ts';

/** Bytes on their way before deliveries stop: doubled by each answer to a flow control request, up to a bound. */
const FIRST_WINDOW = 2 * 1024 * 1024;
const LARGEST_WINDOW = 32 * 1024 * 1024;
const TOKEN_LENGTH = 4;

/** What a push consumer's channel is made of. */
export interface PushOptions {
  readonly subject: ByteString;
  readonly group: ByteString;
  /** Interval of idle heartbeats in ms, 0 for none. */
  readonly heartbeatMs: number;
  /** Prefix of flow control replies, `$JS.FC.<stream>.<consumer>.`; empty without flow control. */
  readonly flowPrefix: string;
  /** Whether a flow control request also asks for acknowledgement, and goes out when nothing more may be delivered. */
  readonly asksWhenFull: boolean;
}

/** What a configuration says of the channel of a consumer. */
export function pushOptions(config: ConsumerConfig, stream: ByteString, consumer: ByteString): PushOptions {
  return {
    subject: toBytes(config.deliver_subject ?? ''),
    group: toBytes(config.deliver_group ?? ''),
    heartbeatMs: (config.idle_heartbeat ?? 0) / 1e6,
    flowPrefix: config.flow_control === true ? `$JS.FC.${stream}.${consumer}.` : '',
    asksWhenFull: config.ack_policy === 'flow_control',
  };
}

/** Whether a push consumer delivers to another subject or group than before. */
export function goesElsewhere(before: ConsumerConfig, config: ConsumerConfig): boolean {
  if (config.deliver_subject === undefined) return false;
  return before.deliver_subject !== config.deliver_subject || before.deliver_group !== config.deliver_group;
}

const control = new Message();

/**
 * The way to a push consumer's deliver subject: whether somebody is bound there, how much is on its way, and the
 * heartbeats and flow control requests in between. Window sizes and the bytes counted (deliver subject, reply, header
 * and payload) are measured on 2.14.5.
 */
export class PushChannel implements Outlet {
  readonly subject: ByteString;
  readonly #env: JetStreamEnv;
  readonly #options: PushOptions;
  readonly #random: () => Random;
  readonly #watch: Closable;
  #window = FIRST_WINDOW;
  #underway = 0;
  /** The reply subject of the flow control request not answered yet, and what was under way when it went. */
  #asked = EMPTY_BYTES;
  #askedFor = 0;
  /** When something was sent last (ms). */
  lastSentAt: number;
  /** Whether somebody is bound: a subscription stands literally on the deliver subject, in the right group. */
  active = false;

  constructor(env: JetStreamEnv, random: () => Random, options: PushOptions, changed: () => void) {
    this.#env = env;
    this.#options = options;
    this.#random = random;
    this.subject = options.subject;
    this.lastSentAt = env.clock.now();
    this.#watch = env.watchInterest(options.subject, () => this.#look(changed));
    this.#look(() => {});
  }

  /** Whether somebody is bound, and deliveries do not wait for the answer to a flow control request. */
  get isOpen(): boolean {
    return this.active && (this.#asked === '' || this.#underway <= this.#window);
  }

  /** When the next idle heartbeat is due (ms), `Infinity` for never. */
  get nextDue(): number {
    if (!this.active || this.#options.heartbeatMs === 0) return Number.POSITIVE_INFINITY;
    return this.lastSentAt + this.#options.heartbeatMs;
  }

  offer(): boolean {
    return this.isOpen;
  }

  dry(): boolean {
    return false;
  }

  /** Delivers; only from a Runnable. May add a flow control request. */
  send(message: Message, now: number): void {
    this.lastSentAt = now;
    this.#env.deliver(this.subject, message);
    if (this.#options.flowPrefix === '') return;
    this.#underway += this.subject.length + message.replyLength + message.size;
    if (this.#asked === '' && this.#underway > this.#window / 2) this.#ask();
  }

  full(): void {
    if (this.#options.asksWhenFull && this.#asked === '') this.#ask();
  }

  /** Sends an idle heartbeat when it is due; only from a Runnable. */
  tend(now: number, progress: Progress): void {
    if (this.nextDue > now) return;
    this.lastSentAt = now;
    const fields: [string, string][] = [
      ['Nats-Last-Consumer', String(progress.consumerSeq)],
      ['Nats-Last-Stream', String(progress.streamSeq)],
    ];
    if (this.#asked !== '') fields.push(['Nats-Consumer-Stalled', this.#asked]);
    this.#post(statusHeader('100 Idle Heartbeat', fields), EMPTY_BYTES);
    if (progress.isSaturated) this.full();
  }

  /** Takes the answer to a flow control request. @returns whether it was the one asked for. */
  answered(subject: ByteString): boolean {
    if (this.#asked === '' || subject !== this.#asked) return false;
    this.#underway -= this.#askedFor;
    this.#window = Math.min(LARGEST_WINDOW, this.#window * 2);
    this.#asked = EMPTY_BYTES;
    return true;
  }

  close(): void {
    this.#watch.close();
    this.active = false;
  }

  #ask(): void {
    this.#asked = toBytes(`${this.#options.flowPrefix}${this.#random().token(TOKEN_LENGTH)}`);
    this.#askedFor = this.#underway;
    this.#post(statusHeader('100 FlowControl Request'), this.#asked);
  }

  #post(header: Buffer, reply: ByteString): void {
    control.subject = this.subject;
    control.reply = reply;
    control.place(header, 0, header.length, header.length);
    this.#env.deliver(this.subject, control);
  }

  #look(changed: () => void): void {
    const group = this.#options.group;
    const active =
      group === ''
        ? this.#env.hasLiteralInterest(this.subject)
        : this.#env.hasLiteralInterest(this.subject, group);
    if (active === this.active) return;
    this.active = active;
    if (active) this.#startOver();
    changed();
  }

  /** Whoever binds now has seen nothing: the window starts again. */
  #startOver(): void {
    this.#window = FIRST_WINDOW;
    this.#underway = 0;
    this.#asked = EMPTY_BYTES;
    this.lastSentAt = this.#env.clock.now();
  }
}
