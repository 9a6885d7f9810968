import { Message, parseTime } from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import type { Runnable } from '../env.ts';
import { type JsError, jsError } from '../errors.ts';
import { MessageView } from '../store/message-view.ts';
import type { Stream } from '../stream/stream.ts';
import { LocalFeed } from './local-feed.ts';
import { needsConsumer, RemoteFeed } from './remote-feed.ts';
import type { SourceConfig } from './source-config.ts';
import { HandOnWriter, SourceKey } from './source-header.ts';
import { SourceRoute } from './source-route.ts';

const NS_PER_MS = 1e6;
/** How often a consumer of the server tells that it is alive: what a reader without one counts as contact too. */
const CONTACT_MS = 1000;
/** After a message could not be stored, the next attempt. */
const FULL_RETRY_MS = 2000;

/** A mirror or source as stream info shows it; keys in the server's order. */
export interface SourceInfo {
  readonly name: string;
  readonly external?: SourceConfig['external'];
  /** Messages that the origin has and this stream does not. */
  readonly lag: number;
  /** Nanoseconds since the last word from the origin, -1 when there never was one. */
  readonly active: number;
  readonly error?: { readonly code: number; readonly err_code: number; readonly description: string };
  readonly filter_subject?: string;
  readonly subject_transforms?: SourceConfig['subject_transforms'];
}

/** What brings the messages of an origin. */
export interface Feed {
  /** Messages that are still to come. */
  readonly lag: number;
  /** Whether the origin is there to be heard from without being asked. */
  readonly isNear: boolean;
  /** The origin may have stored something. */
  wake(): void;
  /** What was refused may be offered again. */
  resume(): void;
  stop(): void;
}

const MISSING = jsError('JSStreamNotFoundErr');
/** One message is handed on at a time. */
const message = new Message();
const writer = new HandOnWriter();

/**
 * What comes into a stream from one origin: which messages, up to where, and how it stands. First the stream's own
 * messages are searched for the last one that came this way, in slices; then a feed brings what follows.
 */
export class Inflow implements Runnable {
  readonly stream: Stream;
  readonly source: SourceConfig;
  readonly isMirror: boolean;
  readonly route: SourceRoute;
  readonly #key: SourceKey;
  readonly #view = new MessageView();
  #feed: Feed | undefined;
  #isOpen = false;
  /** Where the search for the last message that came this way stands; undefined when it is over. */
  #seek: number | undefined;
  /** The origin's sequence of the last message taken. */
  #position = 0;
  #contact: number | undefined;
  #error: JsError | undefined;

  constructor(stream: Stream, source: SourceConfig, isMirror: boolean) {
    const { random } = stream.jetstream.env;
    this.stream = stream;
    this.source = source;
    this.isMirror = isMirror;
    this.route = new SourceRoute(source, random.fork(`transforms into ${stream.config.name}`));
    this.#key = new SourceKey(source);
  }

  /** What stays the same as long as it is the same inflow. */
  get identity(): string {
    return JSON.stringify(this.source);
  }

  get originName(): ByteString {
    return toBytes(this.source.name);
  }

  /** The next sequence of the origin to take; undefined as long as nothing came, and the configuration decides. */
  get resumesAt(): number | undefined {
    const last = this.isMirror ? this.stream.store.lastSeq : this.#position;
    return last > 0 ? last + 1 : undefined;
  }

  /** The time from which on messages are taken; measured: a first sequence counts more. */
  get startsAt(): ReturnType<typeof parseTime> {
    const { opt_start_seq: seq, opt_start_time: time } = this.source;
    return time === undefined || seq !== undefined ? undefined : parseTime(time);
  }

  /** The origin's sequence of the last message taken, 0 when there was none or that is not known yet. */
  get position(): number {
    return this.#position;
  }

  /** It stood here when its state was saved; only before {@link start}. */
  resumeAt(position: number): void {
    this.#position = position;
  }

  start(): void {
    this.#isOpen = true;
    if (!this.isMirror && this.#position === 0 && this.stream.store.messages > 0)
      this.#seek = this.stream.store.lastSeq;
    this.stream.jetstream.env.enqueue(this);
  }

  stop(): void {
    this.#isOpen = false;
    this.#disconnect();
  }

  /** The origin came, went or changed its nature: begins again with what is there now. */
  reconnect(): void {
    if (!this.#isOpen) return;
    this.#disconnect();
    this.stream.jetstream.env.enqueue(this);
  }

  /** The origin stored a message. */
  wake(): void {
    this.#feed?.wake();
  }

  /** Searches for where it stands, then connects. */
  run(budget: number): boolean {
    if (!this.#isOpen || this.#feed !== undefined) return false;
    if (this.#seek !== undefined && !this.#search(budget)) return true;
    this.#connect();
    return false;
  }

  /** @returns whether the search is over. */
  #search(budget: number): boolean {
    const { store } = this.stream;
    const view = this.#view;
    for (let left = budget; left > 0; left--) {
      const seq = store.previous(this.#seek ?? 0, undefined, view);
      const found = seq === 0 ? 0 : this.#key.seqIn(view.buffer, view.headerStart, view.payloadStart);
      this.#position = Math.max(this.#position, found);
      this.#seek = seq <= 1 || found > 0 ? undefined : seq - 1;
      if (this.#seek === undefined) return true;
    }
    return false;
  }

  #connect(): void {
    const { env, streams } = this.stream.jetstream;
    const origin = streams.get(this.originName);
    if (needsConsumer(this.source, origin, env.domain)) this.#feed = new RemoteFeed(this);
    else if (origin === undefined) this.failed(undefined);
    else this.#feed = new LocalFeed(this, origin);
  }

  #disconnect(): void {
    const { clock } = this.stream.jetstream.env;
    if (this.#contact !== undefined) this.#contact = clock.now() - this.#silenceMs();
    this.#feed?.stop();
    this.#feed = undefined;
  }

  /**
   * The origin begins behind this sequence, 0 when it begins with its first message. A mirror that has nothing yet goes
   * there (measured on 2.14.5).
   */
  beginBehind(seq: number): void {
    const { store } = this.stream;
    if (this.isMirror && seq > 0 && store.lastSeq === 0) store.leapTo(seq + 1);
  }

  /** There was word from the origin. */
  heard(): void {
    this.#contact = this.stream.jetstream.env.clock.now();
    this.#error = undefined;
  }

  /** There is no way to the origin. @param error undefined: there is no such stream. */
  failed(error: JsError | undefined): void {
    this.#error = error ?? MISSING;
  }

  /**
   * Takes a message of the origin; its bytes are copied.
   * @returns false when the stream can not store it now: it is to be offered again later.
   */
  take(from: MessageView): boolean {
    const last = this.isMirror ? this.stream.store.lastSeq : this.#position;
    if (from.seq <= last) return true;
    const refused = this.isMirror ? this.#mirror(from) : this.#source(from);
    if (refused !== undefined) return false;
    this.#position = from.seq;
    return true;
  }

  #mirror(from: MessageView): JsError | undefined {
    writer.mirror(from, message);
    message.subject = this.route.nameOf(from.subject);
    return this.stream.handOn(message, { seq: from.seq, at: { ms: from.ms, ns: from.ns } });
  }

  #source(from: MessageView): JsError | undefined {
    writer.source(from, this.#key.valueFor(from.seq, from.subject), message);
    message.subject = this.route.nameOf(from.subject);
    return this.stream.handOn(message);
  }

  /** Offers what was refused again, when some time has passed. */
  retry(feed: Feed): void {
    const { clock, scheduler } = this.stream.jetstream.env;
    scheduler.at(clock.now() + FULL_RETRY_MS, () => {
      if (this.#feed === feed) feed.resume();
    });
  }

  info(): SourceInfo {
    const { name, external, filter_subject, subject_transforms } = this.source;
    const error = this.#error;
    const isKnown = this.#contact !== undefined || error !== undefined || !this.isMirror;
    return {
      name,
      ...(external === undefined ? {} : { external }),
      lag: this.#feed?.lag ?? 0,
      active: this.#activeNs(),
      ...(error === undefined ? {} : { error: shownError(error) }),
      ...(filter_subject === undefined || !isKnown ? {} : { filter_subject }),
      ...(subject_transforms === undefined ? {} : { subject_transforms }),
    };
  }

  #activeNs(): number {
    return this.#contact === undefined ? -1 : this.#silenceMs() * NS_PER_MS;
  }

  /** An origin of the same account needs no heartbeats; the time counts as if there were some. */
  #silenceMs(): number {
    const ms = this.stream.jetstream.env.clock.now() - (this.#contact ?? 0);
    return this.#feed?.isNear === true ? ms % CONTACT_MS : ms;
  }
}

function shownError({ code, errCode, description }: JsError): NonNullable<SourceInfo['error']> {
  return { code, err_code: errCode, description };
}
