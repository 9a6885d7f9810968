import type { Session } from './target.ts';
import { type Frame, openClient, type WireClient } from './wire-client.ts';
import { ownerOf, passwordOf, type WorldAccount } from './world.ts';

/** Longest wait for the answers of one round, ms. */
const ANSWER_MS = 2000;
/** Messages of a stream that a probe reads. */
const MAX_MESSAGES = 50;

const FIRST_QUESTIONS = ['$JS.API.INFO', '$JS.API.STREAM.LIST'];
/** Per-account statistics. Their counters begin with the server, so they are asked of a fresh one only. */
const STATISTICS = ['$SYS.REQ.ACCOUNT.PING.STATZ', '$SYS.REQ.ACCOUNT.PING.CONNZ'];

/**
 * What an account can find out about itself when all is over: its JetStream state through its own API, every stored
 * message, and its statistics. A fresh connection of the owner asks, which also proves that the server still serves.
 */
export async function probe(session: Session, account: WorldAccount, fresh: boolean): Promise<ProbeResult> {
  const user = ownerOf(account);
  const client = await openClient(await session.socket(), user, passwordOf(user), `probe-${account.name}`);
  const asker = new Asker(session, client);
  const answers = await asker.ask(fresh ? [...FIRST_QUESTIONS, ...STATISTICS] : FIRST_QUESTIONS);
  const streams = streamsIn(answers[1] ?? '');
  await asker.ask(streams.map(({ name }) => `$JS.API.CONSUMER.LIST.${name}`));
  await asker.ask(streams.flatMap(messageQuestions));
  const alive = await client.ping();
  client.close();
  return { frames: client.frames, alive };
}

export interface ProbeResult {
  readonly frames: readonly Frame[];
  /** Whether the fresh connection was answered to the end. */
  readonly alive: boolean;
}

type Question = string | readonly [subject: string, body: string];

/** Asks questions in rounds, each on its own inbox. */
class Asker {
  readonly #session: Session;
  readonly #client: WireClient;
  #asked = 0;

  constructor(session: Session, client: WireClient) {
    this.#session = session;
    this.#client = client;
    client.subscribe('_INBOX.probe.*', undefined, 'probe');
  }

  /** The answers, in the order of the questions; empty for silence. */
  async ask(questions: readonly Question[]): Promise<string[]> {
    if (questions.length === 0) return [];
    const inboxes = questions.map((question) => this.#put(question));
    await this.#client.ping();
    if (this.#session.patienceMs === 0) await this.#session.settle();
    const answers: string[] = [];
    for (const inbox of inboxes) {
      if (this.#session.patienceMs > 0) await this.#client.arrival(inbox, ANSWER_MS);
      const frame = this.#client.frames.find((each) => each.op === 'MSG' && each.subject === inbox);
      answers.push(frame?.op === 'MSG' ? frame.payload : '');
    }
    return answers;
  }

  #put(question: Question): string {
    const inbox = `_INBOX.probe.${this.#asked++}`;
    const [subject, body] = typeof question === 'string' ? [question, ''] : question;
    this.#client.publish(subject, inbox, [], body);
    return inbox;
  }
}

interface StreamSummary {
  readonly name: string;
  readonly first: number;
  readonly last: number;
}

function streamsIn(listing: string): StreamSummary[] {
  if (!listing.startsWith('{')) return [];
  const { streams } = JSON.parse(listing) as StreamListing;
  return (streams ?? []).map(({ config, state }) => ({
    name: config.name,
    first: state.first_seq,
    last: state.last_seq,
  }));
}

interface StreamListing {
  readonly streams?:
    | readonly { config: { name: string }; state: { first_seq: number; last_seq: number } }[]
    | null;
}

function messageQuestions(stream: StreamSummary): Question[] {
  const questions: Question[] = [];
  const end = Math.min(stream.last, stream.first + MAX_MESSAGES);
  for (let seq = Math.max(1, stream.first); seq <= end; seq++) {
    questions.push([`$JS.API.STREAM.MSG.GET.${stream.name}`, JSON.stringify({ seq })]);
  }
  return questions;
}
