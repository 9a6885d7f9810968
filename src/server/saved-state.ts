import { createHash } from 'node:crypto';
import type { Account } from '../accounts/index.ts';
import type { Clock } from '../base/index.ts';
import { accountBytes } from '../guard/index.ts';
import {
  type JetStream,
  LoadedStreams,
  StateError,
  StateReader,
  StateWriter,
  savedStreams,
} from '../jetstream/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import { BULKHEAD_VERSION } from '../version.ts';
import { STATE_TIMES, type StateTime } from './start-options.ts';

/** Raised whenever bytes of an older format would be read wrongly: 2 has due times in parts of their own. */
const FORMAT = 2;
const MAGIC = Buffer.from('BULKHEAD', 'latin1');
const DIGEST_BYTES = 32;
/** Magic, format, length of everything. */
const HEAD_BYTES = 8 + 4 + 8;
/** An account's name and its streams, at least. */
const LEAST_ACCOUNT = 8;

/** What saving and loading need of the server. */
export interface StateHouse {
  readonly clock: Clock;
  /** JetStream by account, where it is on. */
  readonly jetStreams: ReadonlyMap<Account, JetStream>;
  /** The account with a name; undefined where there is none. */
  accountNamed(name: ByteString): Account | undefined;
  /** Sets the service clock, ms since the epoch. */
  setClock(ms: number): void;
}

/** The JetStream state of all accounts as bytes. */
export function saveState({ clock, jetStreams }: Omit<StateHouse, 'accountNamed' | 'setClock'>): Uint8Array {
  const pieces: Buffer[] = [];
  const to = new StateWriter();
  const wrote = (): void => {
    pieces.push(to.toBuffer());
    to.startOver();
  };
  to.text(BULKHEAD_VERSION as ByteString);
  to.instant(clock.instant());
  const used = [...jetStreams].filter(([, { streams }]) => streams.size > 0);
  to.word(used.length);
  for (const [account, jetstream] of used) {
    to.text(accountBytes(account.id));
    wrote();
    for (const piece of savedStreams(jetstream)) pieces.push(piece);
  }
  wrote();
  to.raw(MAGIC);
  to.word(FORMAT);
  const length = pieces.reduce((sum, piece) => sum + piece.length, HEAD_BYTES + DIGEST_BYTES);
  to.number(length);
  pieces.unshift(to.toBuffer());
  return joined(pieces, length);
}

/** The pieces and their digest in memory of their own, which may be handed to another thread. */
function joined(pieces: readonly Buffer[], length: number): Uint8Array {
  const state = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    state.set(piece, at);
    at += piece.length;
  }
  state.set(createHash('sha256').update(state.subarray(0, at)).digest(), at);
  return state;
}

/**
 * Puts a saved state in the place of the present one, in all accounts.
 * @throws StateError or RangeError, and nothing has changed.
 */
export function loadState(bytes: Uint8Array, house: StateHouse, time: StateTime): void {
  if (!STATE_TIMES.includes(time))
    throw new RangeError(`time is one of ${STATE_TIMES.join(', ')}; not ${time}`);
  const from = bodyOf(bytes);
  from.text();
  const at = from.instant();
  if (at === undefined) throw new StateError('the state is damaged: it was saved at no time');
  const now = house.clock.now();
  const clockShift = time === 'resume' ? at.ms - now : 0;
  const loaded = readAccounts(from, house, time === 'shift' ? now - at.ms : 0);
  if (time === 'resume') house.setClock(at.ms);
  for (const [account, jetstream] of house.jetStreams) {
    const streams = loaded.get(account);
    if (streams === undefined) jetstream.replaceAll([], clockShift);
    else streams.adopt(clockShift);
  }
}

function readAccounts(from: StateReader, house: StateHouse, shiftMs: number): Map<Account, LoadedStreams> {
  const loaded = new Map<Account, LoadedStreams>();
  try {
    for (let left = from.count(LEAST_ACCOUNT); left > 0; left--) {
      const { account, jetstream } = ownerOf(from.text(), house);
      if (loaded.has(account)) throw new StateError('the state is damaged: an account is there twice');
      loaded.set(account, LoadedStreams.read(from, jetstream, shiftMs));
    }
    if (!from.isAtEnd) throw new StateError('the state is damaged: something follows its end');
  } catch (error) {
    for (const streams of loaded.values()) streams.discard();
    throw error;
  }
  return loaded;
}

function ownerOf(name: ByteString, house: StateHouse): { account: Account; jetstream: JetStream } {
  const account = house.accountNamed(name);
  const shown = JSON.stringify(toText(name));
  if (account === undefined) {
    throw new StateError(`the state has streams of account ${shown}, which the configuration does not have`);
  }
  const jetstream = house.jetStreams.get(account);
  if (jetstream === undefined) {
    throw new StateError(`the state has streams of account ${shown}, for which JetStream is not on`);
  }
  return { account, jetstream };
}

/** What stands between head and digest, once both are right. */
function bodyOf(bytes: Uint8Array): StateReader {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEAD_BYTES + DIGEST_BYTES || !all.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new StateError('this is no saved state: it begins with something else');
  }
  const format = all.readUInt32LE(MAGIC.length);
  if (format !== FORMAT) throw otherFormat(all, format);
  const length = all.readDoubleLE(MAGIC.length + 4);
  if (length !== all.length) {
    throw new StateError(`the state is damaged: ${all.length} bytes instead of ${length}`);
  }
  const end = all.length - DIGEST_BYTES;
  const digest = createHash('sha256').update(all.subarray(0, end)).digest();
  if (!digest.equals(all.subarray(end))) {
    throw new StateError('the state is damaged: its checksum is not that of its content');
  }
  return new StateReader(all.subarray(HEAD_BYTES, end));
}

/** Whatever another format changes, the version that saved it stays behind the head. */
function otherFormat(all: Buffer, format: number): StateError {
  const length = Math.min(all.readUInt32LE(HEAD_BYTES), 64);
  const version = all.latin1Slice(HEAD_BYTES + 4, HEAD_BYTES + 4 + length).replace(/[^\w.+-]/g, '?');
  const advice =
    format > FORMAT
      ? 'use that version or a later one, or save the state anew with this one'
      : 'save it anew';
  return new StateError(
    `the state has format ${format} and was saved by nats-bulkhead ${version}; ` +
      `this is ${BULKHEAD_VERSION}, which reads format ${FORMAT}: ${advice}`,
  );
}
