import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { FrameReader } from './frames.ts';
import type { Action, Block, Transcript } from './script.ts';

/** Something that speaks the protocol: opens connections to one running server. */
export interface Target {
  open(): Duplex;
  /** How long nothing has to come before it counts as silence, ms; 0: a few turns of the event loop. */
  readonly silenceMs: number;
}

/** How the bytes of one write are cut into several. */
export type Cut = (bytes: Buffer) => Buffer[];

export interface PlayOptions {
  readonly cut?: Cut;
  /** Waits for silence after every block instead of for what is expected: to record. */
  readonly patient?: boolean;
}

/** How long expected lines may take, ms. */
const EXPECTED_WITHIN_MS = 2_500;
const RECORDING_SILENCE_MS = 120;
const CLOSED = '(closed)';
const WAY_BACK = /_R_\.\w+\.\w+(?:\.\w+\.T)?/g;
const PIN = /(?<=Nats-Pin-Id: )\w+/g;
const FLOW = /\$JS\.FC\.\S+/g;

/** What came back to each connection, block by block. */
export type Observed = Map<string, string[]>[];

/** One connection of a script: its stream and the lines that arrived and were not yet collected. */
class Line {
  readonly stream: Duplex;
  readonly #reader: FrameReader;
  #lines: string[] = [];
  #isClosed = false;
  #hidesInfo: boolean;
  lastArrival = performance.now();
  /** The way back to another account that a request showed last. */
  lastReply = '_R_.none';
  /** The id of a pinned client, and the flow control request, that were shown last. */
  lastPin = 'none';
  lastFlow = 'none';

  constructor(stream: Duplex, showsPings: boolean, showsInfo: boolean) {
    this.stream = stream;
    this.#hidesInfo = !showsInfo;
    this.#reader = new FrameReader(showsPings);
    stream.on('data', (bytes: Buffer) => {
      const text = bytes.latin1Slice();
      this.lastReply = text.match(WAY_BACK)?.at(-1) ?? this.lastReply;
      this.lastPin = text.match(PIN)?.at(-1) ?? this.lastPin;
      this.lastFlow = text.match(FLOW)?.at(-1) ?? this.lastFlow;
      this.#arrived(this.#reader.take(bytes));
    });
    stream.on('error', () => {});
    stream.on('close', () => this.#closed());
    stream.on('end', () => this.#closed());
  }

  get waiting(): number {
    return this.#lines.length;
  }

  get greeted(): boolean {
    return !this.#hidesInfo || this.#isClosed;
  }

  collect(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #arrived(lines: string[]): void {
    this.lastArrival = performance.now();
    if (this.#hidesInfo && lines.length > 0) {
      this.#hidesInfo = false;
      lines.shift();
    }
    this.#lines.push(...lines);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#arrived([...this.#reader.finish(), CLOSED]);
    this.stream.destroy();
  }
}

/** Plays a script on a server and tells what it answered. */
export async function play(
  transcript: Transcript,
  target: Target,
  options: PlayOptions = {},
): Promise<Observed> {
  const lines = new Map<string, Line>();
  const observed: Observed = [];
  try {
    for (const block of transcript.blocks) {
      await act(block.action, lines, target, transcript.showsPings, options.cut);
      await (options.patient ? silence(lines, RECORDING_SILENCE_MS) : arrival(block, lines, target));
      observed.push(collected(lines));
    }
    if (!options.patient) addLate(observed, await late(lines, target));
    return observed;
  } finally {
    for (const { stream } of lines.values()) stream.destroy();
  }
}

async function act(
  action: Action,
  lines: Map<string, Line>,
  target: Target,
  showsPings: boolean,
  cut: Cut | undefined,
): Promise<void> {
  if (action.kind === 'wait') return sleep(action.ms);
  let line = lines.get(action.connection);
  if (line === undefined) {
    line = new Line(target.open(), showsPings, action.kind === 'open');
    lines.set(action.connection, line);
    while (!line.greeted) await pause(target);
  }
  if (action.kind === 'end') line.stream.end();
  if (action.kind !== 'send') return;
  const bytes = withReplies(action.bytes, line, lines);
  for (const part of cut?.(bytes) ?? [bytes]) {
    if (line.stream.destroyed || line.stream.writableEnded) return;
    line.stream.write(part);
    if (cut !== undefined) await nextTurn();
  }
}

/** The bytes with what connections were shown in place of `<reply>`, `<reply:x>`, `<pin>` and `<flow>`. */
function withReplies(bytes: Buffer, own: Line, lines: ReadonlyMap<string, Line>): Buffer {
  if (!/<(?:reply|pin|flow)/.test(bytes.latin1Slice())) return bytes;
  const text = bytes
    .latin1Slice()
    .replace(/<reply(?::(\w))?>/g, (_all, name?: string) => {
      return (name === undefined ? own : lines.get(name))?.lastReply ?? '';
    })
    .replaceAll('<pin>', own.lastPin)
    .replaceAll('<flow>', own.lastFlow);
  return Buffer.from(text, 'latin1');
}

function pause(target: Target): Promise<unknown> {
  return target.silenceMs === 0 ? nextTurn() : sleep(1);
}

async function silence(lines: Map<string, Line>, ms: number): Promise<void> {
  const start = performance.now();
  for (;;) {
    const last = Math.max(start, ...[...lines.values()].map((line) => line.lastArrival));
    if (performance.now() - last >= ms) return;
    await sleep(5);
  }
}

async function arrival(block: Block, lines: Map<string, Line>, target: Target): Promise<void> {
  const deadline = performance.now() + EXPECTED_WITHIN_MS;
  const isHere = (): boolean =>
    [...block.expected].every(([name, texts]) => (lines.get(name)?.waiting ?? 0) >= texts.length);
  while (!isHere() && performance.now() < deadline) await pause(target);
  if (block.expected.size === 0) await quiet(lines, target);
}

async function quiet(lines: Map<string, Line>, target: Target): Promise<void> {
  if (target.silenceMs > 0) return silence(lines, target.silenceMs);
  for (let turn = 0; turn < 6; turn++) await nextTurn();
}

function collected(lines: Map<string, Line>): Map<string, string[]> {
  const all = [...lines].map(([name, line]) => [name, line.collect()] as const);
  return new Map(all.filter(([, texts]) => texts.length > 0));
}

/** What comes after the last block although nothing should. */
async function late(lines: Map<string, Line>, target: Target): Promise<Map<string, string[]>> {
  await quiet(lines, target);
  return collected(lines);
}

function addLate(observed: Observed, lateLines: Map<string, string[]>): void {
  const last = observed.at(-1);
  for (const [name, texts] of lateLines) last?.set(name, [...(last.get(name) ?? []), ...texts]);
}
