import fc from 'fast-check';
import { fromTree } from '../../config/index.ts';
import { Server } from '../../server/index.ts';
import { sleep } from '../patience.ts';
import type { StrangerFinding, StrangerTimes, Way } from './listener-fuzzer.ts';
import { Stranger } from './stranger.ts';
import { pieces } from './words.ts';

/** How strangers visit. */
export interface VisitOptions {
  readonly strangers: number;
  readonly seed: number;
  /** A folder with the certificates that servers show. */
  readonly certificates: string;
  /** How long the server gives them; a canary gives them longer than they are watched. */
  readonly times?: StrangerTimes;
}

/** Short, so that a run is quick. */
const TIMES: StrangerTimes = { loginMs: 150, handshakeMs: 150 };
/** What a canary gives instead. */
export const TOO_LONG: StrangerTimes = { loginMs: 600_000, handshakeMs: 600_000 };
/** A stranger that is open for longer is a finding, ms: many times what it is given: machines may be busy. */
const WATCHED_MS = 10_000;
const WATCHED_CANARY_MS = 400;
/** How many are there at a time. */
const AT_ONCE = 25;
/** What they may make the process hold, bytes: more than {@link AT_ONCE} times what the largest sends is never right. */
const MOST_HELD = 32 * 1024 * 1024;
/** An answer that takes longer disturbs whoever waits for it, ms. */
const ANSWERED_WITHIN_MS = 2_000;
const PIECE_PAUSE_MS = 1;

/**
 * Lets strangers in on one way to a server of its own, and watches that each is closed, that memory is bounded, and that
 * somebody who is logged in notices nothing.
 * @returns what broke that; the first of it.
 */
export async function visit(way: Way, options: VisitOptions): Promise<StrangerFinding | undefined> {
  const times = options.times ?? TIMES;
  const server = await served(way, times, options.certificates);
  const resident = new Stranger(server.socket());
  try {
    resident.send(Buffer.from('CONNECT {"verbose":false,"user":"u","pass":"p"}\r\n'));
    const scripts = [
      [],
      ...fc.sample(pieces(way.words), { seed: options.seed, numRuns: options.strangers - 1 }),
    ];
    const { certificates } = options;
    const watchedMs = times === TIMES ? WATCHED_MS : WATCHED_CANARY_MS;
    for (let from = 0; from < scripts.length; from += AT_ONCE) {
      const found = await letIn(scripts.slice(from, from + AT_ONCE), {
        way,
        server,
        resident,
        watchedMs,
        certificates,
      });
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    resident.destroy();
    await server.stop();
  }
}

async function served(way: Way, times: StrangerTimes, certificates: string): Promise<Server> {
  const { options } = fromTree({ host: '127.0.0.1', port: -1, ...way.config(times, certificates) });
  const { handshakeMs } = times;
  const patience = { requestMs: handshakeMs, idleMs: handshakeMs, answerMs: ANSWERED_WITHIN_MS };
  const server = new Server(options, { monitoringPatience: patience });
  await server.listen('127.0.0.1', 0);
  return server;
}

interface Scene {
  readonly way: Way;
  readonly server: Server;
  readonly resident: Stranger;
  readonly watchedMs: number;
  readonly certificates: string;
}

async function letIn(scripts: readonly Buffer[][], scene: Scene): Promise<StrangerFinding | undefined> {
  const { way, resident } = scene;
  const before = held();
  const visits = scripts.map((script) => oneVisit(script, scene));
  const outcomes = Promise.all(visits);
  const finding = (summary: string, sent = ''): StrangerFinding => ({ way: way.name, summary, sent });
  if (!(await answers(resident))) return finding('somebody who is logged in waits for an answer');
  const extra = held() - before;
  if (extra > MOST_HELD) return finding(`${scripts.length} strangers make the process hold ${extra} bytes`);
  const stayed = (await outcomes).find((script) => script !== undefined);
  if (stayed !== undefined)
    return finding(`a stranger is still there after ${scene.watchedMs} ms`, shown(stayed));
  if (!(await answers(resident))) return finding('nobody is served any more');
  return undefined;
}

/** @returns what it had sent, when it is still there. */
async function oneVisit(
  script: readonly Buffer[],
  { way, server, watchedMs, certificates }: Scene,
): Promise<readonly Buffer[] | undefined> {
  const stranger = way.arrive(server, certificates);
  try {
    for (const piece of script) {
      if (stranger.isClosed) break;
      stranger.send(piece);
      await sleep(PIECE_PAUSE_MS);
    }
    return (await stranger.until(() => stranger.isClosed, watchedMs)) ? undefined : script;
  } finally {
    stranger.destroy();
  }
}

async function answers(resident: Stranger): Promise<boolean> {
  resident.heard = '';
  resident.send(Buffer.from('PING\r\n'));
  return resident.until(() => resident.heard.includes('PONG'), ANSWERED_WITHIN_MS);
}

function held(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

const MOST_SHOWN = 400;

function shown(script: readonly Buffer[]): string {
  return JSON.stringify(script.map((piece) => piece.subarray(0, MOST_SHOWN).latin1Slice())).slice(
    0,
    MOST_SHOWN * 2,
  );
}
