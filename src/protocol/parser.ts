import { startsVerb, type Verb, verbAt } from './operations.ts';

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const UPPER_C = 0x43;
const LOWER_C = 0x63;
/** Arguments told apart; one more than any verb takes, so that a surplus is seen. */
const MAX_ARGS = 5;
const CONNECT_LENGTH = 7;
/** More digits make no size, not even leading zeros. */
const SIZE_DIGITS = 9;
/** What a body that has only been announced may take of memory at first; it grows as bytes arrive. */
const FIRST_CARRY_BYTES = 16 * 1024;

/** Why a stream of bytes cannot go on. What the client is told is decided by the connection. */
export type Violation =
  | 'unknown-operation'
  | 'malformed'
  | 'control-line'
  | 'payload'
  | 'headers'
  | 'not-authorized';

/** Start and end offsets of the arguments of one line. */
export interface Arguments {
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** What the parser tells of. Buffers and offsets are valid during the call only. */
export interface OperationHandler {
  onConnect(buffer: Buffer, start: number, end: number): void;
  onPing(): void;
  onPong(): void;
  onSubscribe(buffer: Buffer, args: Arguments): void;
  onUnsubscribe(buffer: Buffer, args: Arguments): void;
  /**
   * PUB or HPUB. The reply subject is empty when replyStart equals replyEnd; header block and payload are
   * [headerStart, payloadStart) and [payloadStart, end).
   */
  onPublish(
    buffer: Buffer,
    subjectStart: number,
    subjectEnd: number,
    replyStart: number,
    replyEnd: number,
    headerStart: number,
    payloadStart: number,
    end: number,
  ): void;
  /** The peer sent -ERR: it is about to go. */
  onPeerError(): void;
  /** The stream is broken; the parser takes nothing more. */
  onViolation(violation: Violation): void;
}

/** Bounds of a connection, which login may change. */
export interface ParserLimits {
  /** Bytes of a protocol line behind its verb. */
  maxControlLine: number;
  /** Bytes of header and payload together. */
  maxPayload: number;
}

/**
 * Incremental parser of the client protocol. It works on the buffers it is given in place and reports offsets; only
 * an operation cut by the end of a buffer is gathered in a buffer of its own (the carry), bounded by the limits. What
 * it reports does not depend on how the bytes were cut.
 *
 * It can be suspended after any operation: the handler calls {@link suspend}, the bytes behind the operation wait,
 * and {@link resume} goes on with them.
 */
export class ProtocolParser implements Arguments {
  #handler: OperationHandler;
  readonly #limits: ParserLimits;
  readonly starts = new Int32Array(MAX_ARGS);
  readonly ends = new Int32Array(MAX_ARGS);
  count = 0;
  /** While true, every operation but CONNECT is a violation. */
  mustConnect = false;
  /** Whether HPUB is allowed. */
  headersAllowed = false;
  #argsStart = 0;
  #lineEnd = 0;
  /** Where the line in hand has its first carriage return; -1: nowhere. */
  #firstCr = -1;
  /** An incomplete operation: its bytes so far, and how many it needs in all (0: not known yet). */
  #carry: Buffer | undefined;
  #carried = 0;
  #carryNeeds = 0;
  #suspended = false;
  #waiting: Buffer[] = [];
  #dead = false;

  /** Another one is told of the operations from now on. */
  set handler(handler: OperationHandler) {
    this.#handler = handler;
  }

  constructor(handler: OperationHandler, limits: ParserLimits) {
    this.#handler = handler;
    this.#limits = limits;
  }

  get isSuspended(): boolean {
    return this.#suspended;
  }

  /** Bytes held back: an incomplete operation and what waits behind a suspension. */
  get heldBytes(): number {
    let held = this.#carried;
    for (const buffer of this.#waiting) held += buffer.length;
    return held;
  }

  /** Stops after the operation in hand. The caller pauses the input; what still arrives waits. */
  suspend(): void {
    this.#suspended = true;
  }

  /** Goes on with the bytes that waited. */
  resume(): void {
    this.#suspended = false;
    while (!this.#suspended && !this.#dead) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#consume(next);
    }
  }

  /** Takes nothing more, reports nothing more. */
  stop(): void {
    this.#dead = true;
    this.#carry = undefined;
    this.#carried = 0;
    this.#waiting = [];
  }

  /** Takes the next bytes. The buffer belongs to the parser when it is suspended, to the caller otherwise. */
  parse(chunk: Buffer): void {
    if (this.#dead) return;
    if (this.#suspended) this.#waiting.push(chunk);
    else this.#consume(chunk);
  }

  #consume(chunk: Buffer): void {
    let at = this.#carry === undefined ? 0 : this.#completeCarry(chunk);
    while (at < chunk.length && !this.#dead) {
      if (this.#suspended) {
        this.#waiting.unshift(chunk.subarray(at));
        return;
      }
      const next = this.#operation(chunk, at, chunk.length);
      if (next < 0) {
        this.#startCarry(chunk, at, -next);
        return;
      }
      at = next;
    }
  }

  /**
   * Handles the operation that starts at `at`. Returns the offset behind it, or, when bytes are missing, minus the
   * number of bytes that the operation needs as far as is known (1: at least the line's end).
   */
  #operation(buffer: Buffer, at: number, end: number): number {
    if (this.mustConnect && buffer[at] !== UPPER_C && buffer[at] !== LOWER_C)
      return this.#violation('not-authorized');
    const lineEnd = this.#scanLine(buffer, at, end);
    const verb = verbAt(buffer, at, this.#lineEnd);
    if (lineEnd < 0) return this.#unfinishedLine(buffer, at, end);
    if (verb === undefined) return this.#violation('unknown-operation');
    if (this.#lineEnd - this.#argsStart > this.#limits.maxControlLine) return this.#violation('control-line');
    return this.#dispatch(verb, buffer, at, lineEnd, end);
  }

  #dispatch(verb: Verb, buffer: Buffer, at: number, lineEnd: number, end: number): number {
    switch (verb) {
      case 'PUB':
        return this.#publish(buffer, at, lineEnd, end, false);
      case 'HPUB':
        if (!this.headersAllowed) return this.#violation('headers');
        return this.#publish(buffer, at, lineEnd, end, true);
      case 'PING':
        this.#handler.onPing();
        return lineEnd;
      case 'PONG':
        this.#handler.onPong();
        return lineEnd;
      case 'SUB':
        this.#splitAtReturns(buffer);
        if (this.count < 2 || this.count > 3) return this.#violation('malformed');
        this.#handler.onSubscribe(buffer, this);
        return lineEnd;
      case 'UNSUB':
        this.#splitAtReturns(buffer);
        if (this.count < 1 || this.count > 2) return this.#violation('malformed');
        this.#handler.onUnsubscribe(buffer, this);
        return lineEnd;
      case 'CONNECT':
        this.#handler.onConnect(
          buffer,
          firstArgument(buffer, at + CONNECT_LENGTH, this.#lineEnd),
          this.#lineEnd,
        );
        return lineEnd;
      case '+OK':
      case 'INFO':
        return lineEnd;
      case '-ERR':
        this.#handler.onPeerError();
        return lineEnd;
    }
  }

  /**
   * Finds the end of a line and its arguments in one pass. Returns the offset behind the line feed, or -1; #lineEnd is
   * where the line's text ends. A line with a carriage return anywhere loses its last byte, whatever that is (measured
   * on 2.14.5).
   */
  #scanLine(buffer: Buffer, at: number, end: number): number {
    let i = at;
    while (i < end) {
      const byte = buffer[i];
      if (byte === SPACE || byte === TAB || byte === LF || byte === CR) break;
      i++;
    }
    this.count = 0;
    let tokenStart = -1;
    let firstCr = -1;
    this.#argsStart = -1;
    for (; i < end; i++) {
      const byte = buffer[i] as number;
      if (byte > SPACE) {
        if (tokenStart < 0) tokenStart = i;
        continue;
      }
      if (byte === LF) {
        const lineEnd = firstCr < 0 ? i : i - 1;
        if (tokenStart >= 0 && tokenStart < lineEnd) this.#addArgument(tokenStart, lineEnd);
        this.#lineEnd = lineEnd;
        this.#firstCr = firstCr;
        if (this.#argsStart < 0) this.#argsStart = lineEnd;
        return i + 1;
      }
      if (byte !== SPACE && byte !== TAB) {
        if (byte === CR && firstCr < 0) firstCr = i;
        if (tokenStart < 0) tokenStart = i;
        continue;
      }
      if (tokenStart >= 0) {
        this.#addArgument(tokenStart, i);
        tokenStart = -1;
      }
    }
    this.#lineEnd = end;
    return -1;
  }

  #addArgument(start: number, end: number): void {
    if (this.#argsStart < 0) this.#argsStart = start;
    if (this.count < MAX_ARGS) {
      this.starts[this.count] = start;
      this.ends[this.count] = end;
    }
    this.count++;
  }

  /** Within the arguments of SUB and UNSUB a carriage return separates like a space; PUB takes it as it comes. */
  #splitAtReturns(buffer: Buffer): void {
    if (this.#firstCr < 0 || this.#firstCr >= this.#lineEnd) return;
    const end = this.#lineEnd;
    this.count = 0;
    let start = -1;
    for (let i = this.#argsStart; i <= end; i++) {
      const byte = buffer[i];
      const isGap = i === end || byte === SPACE || byte === TAB || byte === CR;
      if (!isGap && start < 0) start = i;
      if (!isGap || start < 0) continue;
      this.#addArgument(start, i);
      start = -1;
    }
  }

  /** A line without its end: a wrong verb or an endless line is told at once, anything else waits. */
  #unfinishedLine(buffer: Buffer, at: number, end: number): number {
    if (!startsVerb(buffer, at, end)) return this.#violation('unknown-operation');
    if (this.#argsStart < 0) this.#argsStart = this.count === 0 ? lastSpace(buffer, at, end) : at;
    if (end - this.#argsStart > this.#limits.maxControlLine + 1) return this.#violation('control-line');
    return -1;
  }

  #publish(buffer: Buffer, at: number, lineEnd: number, end: number, withHeader: boolean): number {
    const sizes = withHeader ? 2 : 1;
    const { count, starts, ends } = this;
    if (count < 1 + sizes || count > 2 + sizes) return this.#violation('malformed');
    const hasReply = count === 2 + sizes;
    const total = readSize(buffer, starts[count - 1] as number, ends[count - 1] as number);
    const header = withHeader ? readSize(buffer, starts[count - 2] as number, ends[count - 2] as number) : 0;
    if (total < 0 || header < 0 || header > total) return this.#violation('malformed');
    if (total > this.#limits.maxPayload) return this.#violation('payload');
    const bodyEnd = lineEnd + total;
    if (bodyEnd < end && buffer[bodyEnd] !== CR) return this.#violation('unknown-operation');
    if (bodyEnd + 2 > end) return at - (bodyEnd + 2);
    if (buffer[bodyEnd + 1] !== LF) return this.#violation('unknown-operation');
    this.#handler.onPublish(
      buffer,
      starts[0] as number,
      ends[0] as number,
      hasReply ? (starts[1] as number) : 0,
      hasReply ? (ends[1] as number) : 0,
      lineEnd,
      lineEnd + header,
      bodyEnd,
    );
    return bodyEnd + 2;
  }

  /** Reports a violation; the value returned ends the loop. */
  #violation(violation: Violation): number {
    this.stop();
    this.#handler.onViolation(violation);
    return Number.MAX_SAFE_INTEGER;
  }

  #startCarry(chunk: Buffer, at: number, needs: number): void {
    const have = chunk.length - at;
    this.#carryNeeds = needs;
    this.#carry = Buffer.allocUnsafe(Math.max(64, have, Math.min(needs, FIRST_CARRY_BYTES)));
    this.#carried = 0;
    this.#append(chunk, at, chunk.length);
  }

  #append(chunk: Buffer, from: number, to: number): void {
    let carry = this.#carry as Buffer;
    const needed = this.#carried + to - from;
    if (needed > carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(2 * carry.length, this.#carryNeeds)));
      carry.copy(grown, 0, 0, this.#carried);
      carry = grown;
      this.#carry = grown;
    }
    chunk.copy(carry, this.#carried, from, to);
    this.#carried = needed;
  }

  /**
   * Gives the carried operation what it misses, no byte more, and handles it once it is whole. Returns how much of
   * the chunk it took.
   */
  #completeCarry(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#carry !== undefined) {
      const from = at;
      at = this.#carryNeeds > this.#carried ? this.#missingBytes(chunk, at) : endOfLine(chunk, at);
      this.#append(chunk, from, at);
      if (this.#carried < this.#carryNeeds && !this.#endsTooEarly()) return at;
      const outcome = this.#operation(this.#carry, 0, this.#carried);
      if (this.#dead) return chunk.length;
      if (outcome < 0) this.#carryNeeds = -outcome;
      else this.#dropCarry();
    }
    return at;
  }

  /** One byte behind the body has to be a carriage return; that is told before the line feed arrives. */
  #endsTooEarly(): boolean {
    return this.#carried === this.#carryNeeds - 1 && this.#carry?.[this.#carried - 1] !== CR;
  }

  #missingBytes(chunk: Buffer, at: number): number {
    return Math.min(chunk.length, at + this.#carryNeeds - this.#carried);
  }

  #dropCarry(): void {
    this.#carry = undefined;
    this.#carried = 0;
    this.#carryNeeds = 0;
  }
}

function endOfLine(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(LF, from);
  return lf < 0 ? chunk.length : lf + 1;
}

/** Where the text behind CONNECT starts; a blank between them is not needed (measured on 2.14.5). */
function firstArgument(buffer: Buffer, from: number, end: number): number {
  let i = from;
  while (i < end && (buffer[i] === SPACE || buffer[i] === TAB)) i++;
  return i;
}

function lastSpace(buffer: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && (buffer[i] as number) > SPACE) i++;
  while (i < end && (buffer[i] === SPACE || buffer[i] === TAB)) i++;
  return i;
}

/** Up to nine decimal digits to a number; -1 for anything else (measured on 2.14.5). */
function readSize(buffer: Buffer, start: number, end: number): number {
  if (end - start > SIZE_DIGITS || end === start) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (buffer[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
