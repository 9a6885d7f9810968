// What JetStream operations cost as a stream grows, in this process: `npx tsx bench/jetstream-curves.ts` prints the
// tables of docs/jetstream.md. Times are CPU time, the median of some repetitions.

import type { StreamConsumer } from '../src/jetstream/consumer/stream-consumer.ts';
import { filterOf, type SubjectFilter } from '../src/jetstream/store/filter.ts';
import { MessageStore, MessageView } from '../src/jetstream/store/store.ts';
import { SubjectClaims } from '../src/jetstream/stream/claims.ts';
import { ConsumerIndex } from '../src/jetstream/stream/consumer-index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../src/subjects/index.ts';

const MEMORY = { reserve: (): boolean => true, release: (): void => {} };
const PAYLOAD = Buffer.alloc(16, 0x78);
const SUBJECTS = 1_000;
const REPEAT = 7;
/** A measurement is no shorter. */
const LEAST_US = 2_000;

/** One row: what is done, and its microseconds at each size. */
type Row = readonly [what: string, ...us: number[]];

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Median CPU time of one call, in µs, of calls that are repeated until they can be measured. */
function costOf(act: (turn: number) => void): number {
  const taken: number[] = [];
  for (let turn = 0; turn < REPEAT; turn++) {
    let spent = 0;
    let calls = 1;
    for (; spent < LEAST_US; calls *= 2) {
      const start = cpuUs();
      for (let call = 0; call < calls; call++) act(call);
      spent = cpuUs() - start;
    }
    taken.push((2 * spent) / calls);
  }
  return taken.sort((a, b) => a - b)[REPEAT >> 1] ?? 0;
}

function subjectAt(index: number): ByteString {
  return toBytes(`s.${index % 10}.${index}`);
}

function append(store: MessageStore, subject: ByteString, ms: number): void {
  store.append(subject, PAYLOAD, 0, 0, PAYLOAD.length, { ms, ns: 0 });
}

/** A store of so many messages, on a thousand subjects or on as many as there are messages. */
function filled(messages: number, subjects: number): MessageStore {
  const store = new MessageStore(MEMORY, 'memory', 7);
  const names = Array.from({ length: subjects }, (_, index) => subjectAt(index));
  for (let i = 0; i < messages; i++) append(store, names[i % subjects] ?? EMPTY_BYTES, 1e12 + i);
  return store;
}

/** What is asked of a store, by what the table calls it. */
const QUESTIONS: readonly (readonly [string, (store: MessageStore, middle: number, turn: number) => void])[] =
  [
    ['store a message and discard the oldest', (store, _, turn) => replaceOldest(store, turn)],
    ['get by sequence', (store, middle, turn) => store.load(middle + (turn % 100), view)],
    ['last of a subject', (store) => store.lastOf(LITERAL)],
    ['last of a wildcard', (store) => store.lastOf(WILD)],
    ['next of a subject from the middle', (store, middle) => store.next(middle, LITERAL)],
    ['next of a wildcard that matches nothing', (store) => store.next(1, NOTHING)],
    ['pending of all, from the middle', (store, middle) => store.countFrom(middle, undefined)],
    ['pending of a subject, from the start', (store) => store.countFrom(1, LITERAL)],
    ['pending of a subject, from the middle', (store, middle) => store.countFrom(middle, LITERAL)],
    ['pending of a wildcard, from the start', (store) => store.countFrom(1, WILD)],
    ['pending of a wildcard, from the middle', (store, middle) => store.countFrom(middle, WILD)],
    ['last of each subject of a tenth', (store) => store.lastPerSubject(WILD)],
    ['start by time', (store, middle) => store.seqAtTime({ ms: 1e12 + middle, ns: 0 })],
  ];

const view = new MessageView();
const LITERAL: SubjectFilter = filterOf(subjectAt(11));
const WILD = filterOf(toBytes('s.1.*'));
const NOTHING = filterOf(toBytes('other.*'));

function replaceOldest(store: MessageStore, turn: number): void {
  append(store, subjectAt(turn % SUBJECTS), 2e12);
  store.remove(store.firstSeq, false);
}

function storeRows(sizes: readonly number[], subjectsOf: (messages: number) => number): Row[] {
  const columns = sizes.map((messages) => {
    const store = filled(messages, subjectsOf(messages));
    return QUESTIONS.map(([, ask]) => costOf((turn) => ask(store, Math.floor(messages / 2), turn)));
  });
  return QUESTIONS.map(([what], row): Row => [what, ...columns.map((column) => column[row] ?? 0)]);
}

/** A consumer at which nobody waits. */
function idle(pattern: ByteString | undefined): StreamConsumer {
  return {
    filter: filterOf(pattern),
    onStored: () => false,
    rest: () => false,
    onRemoved: () => false,
    onPurged: () => {},
    needs: () => true,
  };
}

function consumerRows(sizes: readonly number[]): Row[] {
  const tell = (patternOf: (index: number) => ByteString | undefined) => (count: number) => {
    const index = new ConsumerIndex();
    for (let i = 0; i < count; i++) index.add(idle(patternOf(i)));
    return costOf((turn) => index.stored(turn, subjectAt(turn % SUBJECTS)));
  };
  return [
    ['a message, to consumers of other subjects', ...sizes.map(tell((i) => toBytes(`other.${i}`)))],
    ['a message, to consumers of all at which nobody waits', ...sizes.map(tell(() => undefined))],
    ['whether a new stream overlaps another', ...sizes.map(overlapCost)],
  ];
}

function overlapCost(count: number): number {
  const claims = new SubjectClaims();
  for (let i = 0; i < count; i++) claims.add(toBytes(`stream.${i}.>`));
  return costOf((turn) => claims.overlaps([toBytes(`fresh.${turn}.*`)]));
}

function print(title: string, sizes: readonly number[], rows: readonly Row[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const out = [line([title, ...sizes.map((size) => size.toLocaleString('en'))])];
  out.push(line(['---', ...sizes.map(() => '---')]));
  for (const [what, ...us] of rows)
    out.push(line([what, ...us.map((cost) => cost.toLocaleString('en', { maximumSignificantDigits: 2 }))]));
  process.stdout.write(`${out.join('\n')}\n\n`);
}

const MESSAGES = [10_000, 100_000, 1_000_000, 10_000_000];
const MANY = [10, 1_000, 100_000];
print(
  'µs, with so many messages on 1,000 subjects',
  MESSAGES,
  storeRows(MESSAGES, () => SUBJECTS),
);
print(
  'µs, with so many messages, each on a subject of its own',
  MESSAGES.slice(0, 3),
  storeRows(MESSAGES.slice(0, 3), (messages) => messages),
);
print('µs, with so many consumers or streams', MANY, consumerRows(MANY));
