import {
  type Closable,
  headerValue,
  limits,
  type Message,
  type Timer,
  withHeader,
} from '../../base/index.ts';
import { type ByteString, EMPTY_BYTES, isLiteral, isValidSubject, toBytes } from '../../subjects/index.ts';
import { JsError, jsError } from '../errors.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';
import { type Delivered, readDelivery } from './delivered-message.ts';
import type { Feed, Inflow } from './inflow.ts';
import { isLocal, type SourceConfig } from './source-config.ts';
import { apiOf, type SourcingRequest, sourcingRequest } from './sourcing-request.ts';

const TOKEN_LENGTH = 8;
/** How long an answer is waited for, and how long a silence of the consumer: it speaks every second. */
const SILENCE_MS = 10_000;
/**
 * After a gap, or when the stream is full, the consumer is asked for anew, but not at once: the next one could fare the
 * same, and what has been taken is acknowledged with the next heartbeat.
 */
const PAUSE_MS = 2000;
const NO_HEADER = Buffer.alloc(0);
/** Errors that another consumer would not change. */
const STREAM_NOT_FOUND = jsError('JSStreamNotFoundErr').errCode;
const LONGEST_TEXT = 1024;

/**
 * Whether an origin has to be asked for a consumer: it is in another account, somebody has made the consumer already,
 * or it keeps its messages only until they are acknowledged.
 */
export function needsConsumer(source: SourceConfig, origin: Stream | undefined, domain: string): boolean {
  if (!isLocal(source, domain) || source.consumer !== undefined) return true;
  return origin !== undefined && origin.config.retention !== 'limits';
}

/**
 * Brings messages from an origin that is reached over subjects only: a consumer is asked for under the API prefix of
 * its account, and what it delivers is received as any subscriber would. Nothing here knows the other account: what
 * its exports and the imports of this one do not let through does not come.
 */
export class RemoteFeed implements Feed {
  readonly isNear = false;
  readonly #inflow: Inflow;
  readonly #view = new MessageView();
  #open: Closable[] = [];
  #timer: Timer | undefined;
  #request: SourcingRequest | undefined;
  /** The consumer that is there, if any. */
  #consumer: ByteString = EMPTY_BYTES;
  /** Deliveries of the consumer so far. */
  #count = 0;
  #lastSeq = 0;
  #lastHeard = 0;
  /** Something was lost on the way, or the stream is full: nothing more is taken before the consumer is asked anew. */
  #isHalted = false;
  /** The last request was refused, not only for want of the stream. */
  #isRefused = false;
  lag = 0;

  constructor(inflow: Inflow) {
    this.#inflow = inflow;
    this.#ask();
  }

  wake(): void {}

  resume(): void {}

  stop(): void {
    this.#hangUp();
    this.#dismiss(this.#consumer);
  }

  /** Nobody needs the consumer any more. */
  #dismiss(consumer: ByteString): void {
    if (consumer === '' || this.#request?.isLasting === true) return;
    const subject = toBytes(`${apiOf(this.#inflow)}.CONSUMER.DELETE.${this.#inflow.source.name}.`);
    this.#emit(subject + consumer, undefined);
  }

  /** Asks for a consumer, whatever there was before. */
  #ask(): void {
    this.#hangUp();
    this.#dismiss(this.#consumer);
    const { env } = this.#inflow.stream.jetstream;
    const request = sourcingRequest(this.#inflow, env.random.token(TOKEN_LENGTH));
    const answers = toBytes(`$JSC.R.${env.random.token(TOKEN_LENGTH)}`);
    this.#request = request;
    this.#consumer = EMPTY_BYTES;
    this.#count = 0;
    this.#isHalted = false;
    this.#open = [env.subscribe(answers, (message) => this.#answered(message))];
    // A consumer that is there already would deliver at once, and not what it is about to be set back to.
    if (!request.isLasting) this.#listen();
    env.ask(request.subject, answers, request.header, request.body);
    this.#lastHeard = env.clock.now();
    this.#watch(SILENCE_MS);
  }

  #listen(): void {
    const deliver = this.#request?.deliver;
    if (deliver === undefined) return;
    this.#open.push(
      this.#inflow.stream.jetstream.env.subscribe(deliver, (message) => this.#receive(message)),
    );
  }

  #hangUp(): void {
    for (const one of this.#open) one.close();
    this.#open = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Looks after a while whether the consumer has been heard of, and asks again when it has not. */
  #watch(ms: number): void {
    const { clock, scheduler } = this.#inflow.stream.jetstream.env;
    this.#timer?.cancel();
    this.#timer = scheduler.at(clock.now() + ms, () => {
      const rest = this.#lastHeard + SILENCE_MS - clock.now();
      if (ms === SILENCE_MS && this.#consumer !== '' && rest > 0) this.#watch(SILENCE_MS);
      else this.#ask();
    });
  }

  #answered(message: Message): void {
    const { name, acks, passed, error = this.#complaint(acks) } = readAnswer(message.payloadText());
    if (error !== undefined) {
      this.#inflow.failed(error);
      if (error.errCode !== STREAM_NOT_FOUND) this.#makeRoom();
    } else if (name !== '') {
      if (this.#request?.isLasting === true && this.#consumer === '') this.#listen();
      this.#consumer = toBytes(name);
      this.#isRefused = false;
      this.#inflow.beginBehind(passed);
      this.#heard();
    }
  }

  /** A consumer that was saved with the origin may stand in the way of this one: it goes, and once that is soon enough. */
  #makeRoom(): void {
    this.#dismiss(this.#request?.consumer ?? EMPTY_BYTES);
    this.#watch(this.#isRefused ? SILENCE_MS : 1);
    this.#isRefused = true;
  }

  /** Measured: a consumer that somebody else made has to acknowledge by flow control. */
  #complaint(acks: string): JsError | undefined {
    if (this.#request?.isLasting !== true || acks === 'flow_control' || acks === '') return undefined;
    const { isMirror } = this.#inflow;
    return jsError(isMirror ? 'JSMirrorConsumerRequiresAckFCErr' : 'JSSourceConsumerRequiresAckFCErr');
  }

  #heard(): void {
    this.#lastHeard = this.#inflow.stream.jetstream.env.clock.now();
    this.#inflow.heard();
  }

  #receive(message: Message): void {
    const delivered = readDelivery(message, this.#inflow.originName, this.#view);
    if (delivered !== undefined) this.#deliver(delivered);
    else if (message.hasHeader) this.#control(message);
  }

  #deliver({ count, pending, consumer }: Delivered): void {
    // The first delivery may overtake the answer.
    if (this.#consumer === '') this.#consumer = consumer;
    if (this.#consumer !== consumer) return;
    this.#heard();
    if (this.#isHalted || count <= this.#count) return;
    if (count > this.#count + 1 || !this.#inflow.take(this.#view)) {
      this.#halt();
      return;
    }
    this.#count = count;
    this.#lastSeq = this.#view.seq;
    this.lag = pending;
  }

  #halt(): void {
    this.#isHalted = true;
    this.#watch(PAUSE_MS);
  }

  /** Heartbeats tell what should have come; flow control wants to know what did. */
  #control({ buffer, headerStart, payloadStart, reply }: Message): void {
    const field = (key: string): string => headerValue(buffer, headerStart, payloadStart, key) ?? '';
    this.#heard();
    const last = field('Nats-Last-Consumer');
    if (!this.#isHalted && /^\d{1,15}$/.test(last) && Number(last) > this.#count) this.#halt();
    const asked = reply === '' ? field('Nats-Consumer-Stalled') : reply;
    if (!isFlowSubject(asked as ByteString)) return;
    const header = withHeader(NO_HEADER, 'Nats-Last-Consumer', String(this.#count));
    this.#emit(asked, withHeader(header, 'Nats-Last-Stream', String(this.#lastSeq)));
  }

  /** @param subject one character per byte */
  #emit(subject: string, header: Buffer | undefined): void {
    this.#inflow.stream.jetstream.env.ask(subject as ByteString, EMPTY_BYTES, header, undefined);
  }
}

/** What the API says to a request for a consumer; what can not be read says nothing. */
function readAnswer(text: string): {
  readonly name: string;
  /** How the consumer acknowledges, empty where that is not told. */
  readonly acks: string;
  /** The last sequence of the origin that it does not deliver, 0 when it delivers all. */
  readonly passed: number;
  readonly error: JsError | undefined;
} {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return { name: '', acks: '', passed: 0, error: undefined };
  }
  const { name, config, delivered, error } = fieldsOf(answer);
  const { ack_policy: acks } = fieldsOf(config);
  const { stream_seq: passed } = fieldsOf(delivered);
  const { code, err_code: errCode, description } = fieldsOf(error);
  const isError = typeof code === 'number' && typeof errCode === 'number' && typeof description === 'string';
  return {
    name: typeof name === 'string' && isName(name) ? name : '',
    acks: typeof acks === 'string' ? acks : '',
    passed: isSequence(passed) ? passed : 0,
    error: isError ? new JsError(code, errCode, description.slice(0, LONGEST_TEXT)) : undefined,
  };
}

/**
 * Whether flow control may be answered there. The subject may have stood in a header, which another account wrote: with
 * white space in it, whoever receives the answer would read another message than was sent.
 */
function isFlowSubject(subject: ByteString): boolean {
  return subject.startsWith('$JS.FC.') && isValidSubject(subject) && isLiteral(subject);
}

/** A name becomes part of a subject: it has to be one token. */
function isName(name: string): boolean {
  return name.length <= limits.MAX_NAME_LENGTH && /^[^\s.*>\p{Cc}]+$/u.test(name);
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < limits.MAX_SEQUENCE;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
