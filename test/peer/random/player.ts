import type { Duplex } from 'node:stream';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type Frame, WireClient } from '../../../src/fuzz/wire-client.ts';
import { bodyText, type Command, type Fields } from './command.ts';
import { normalised } from './normalise.ts';

/** How long things may take, ms. */
export interface Patience {
  /** A reply; later, it counts as none. */
  readonly reply: number;
  /** Acknowledgements, which are often not sent at all. */
  readonly acknowledgement: number;
  /** What a server is given after each command for what it does in the background. */
  readonly settle: number;
}

type Message = Extract<Frame, { op: 'MSG' }>;

/** What one server said to one sequence: by command, by deliver subject, and events in any order. */
export type Observed = Readonly<Record<string, readonly string[]>>;

/** The streams that sequences make, to be removed after each. */
export const STREAM_NAMES = ['A', 'B', 'C'] as const;

/** Where consumers push to and streams republish to. */
const BOXES = { d1: 'd.1', d2: 'd.2', x: 'x.>', events: '$JS.EVENT.>' };

/**
 * Plays a sequence on one server and tells what it said. Every command waits for its answer, so that effects come in
 * the order of commands.
 */
export async function playCommands(
  open: () => Duplex,
  commands: readonly Command[],
  patience: Patience,
): Promise<Observed> {
  const player = new Player(new WireClient(open()), patience);
  await player.begin();
  try {
    for (const [at, command] of commands.entries()) await player.play(`${at}`.padStart(2, '0'), command);
    return await player.observed();
  } finally {
    await player.end();
  }
}

/** A connection with a subscription per command: messages are told apart by the subscription they came to. */
class Player {
  readonly #client: WireClient;
  readonly #patience: Patience;

  constructor(client: WireClient, patience: Patience) {
    this.#client = client;
    this.#patience = patience;
  }

  async begin(): Promise<void> {
    this.#client.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n');
    for (const [box, subject] of Object.entries(BOXES)) this.#client.subscribe(subject, undefined, box);
    await this.#client.ping();
  }

  async play(box: string, command: Command): Promise<void> {
    this.#client.subscribe(`r.${box}`, undefined, box);
    switch (command.do) {
      case 'ask':
        this.#send(command.subject, box, bodyText(command.body), command.headers);
        await this.#until(() => this.#in(box).length > 0);
        break;
      case 'publish':
        this.#send(command.subject, box, command.payload, command.headers);
        await this.#until(() => this.#in(box).length > 0, this.#patience.acknowledgement);
        break;
      case 'pull':
        this.#send(
          `$JS.API.CONSUMER.MSG.NEXT.${command.stream}.${command.consumer}`,
          box,
          bodyText(command.body),
        );
        if (command.body.no_wait === true || command.body.expires !== undefined)
          await this.#until(() => isPullOver(this.#in(box), command.body.batch ?? 1));
        break;
      case 'direct':
        this.#send(command.subject, box, bodyText(command.body));
        await this.#until(() => isDirectOver(this.#in(box), bodyText(command.body)));
        break;
      case 'ack':
        await this.#acknowledge(box, command.which, command.kind, command.confirmed);
        break;
    }
    await this.#settle();
  }

  async observed(): Promise<Observed> {
    await sleep(this.#patience.settle);
    const seen: Record<string, string[]> = {};
    for (const message of this.#messages()) {
      const box = seen[message.sid] ?? [];
      seen[message.sid] = box;
      box.push(textOf(message));
    }
    seen['events']?.sort();
    return seen;
  }

  async end(): Promise<void> {
    for (const name of STREAM_NAMES) {
      this.#client.subscribe(`r.${name}`, undefined, name);
      const before = this.#ends(name);
      this.#send(`$JS.API.STREAM.DELETE.${name}`, name, '');
      await this.#until(() => this.#in(name).length > 0 && this.#ends(name) > before);
    }
    this.#client.close();
  }

  async #acknowledge(box: string, which: number, kind: string, confirmed: boolean): Promise<void> {
    const deliveries = this.#messages().filter(({ reply }) => reply.startsWith('$JS.ACK.'));
    const reply = deliveries.at(-1 - which)?.reply;
    if (reply === undefined) return;
    this.#send(reply, confirmed ? box : undefined, kind);
    if (confirmed) await this.#until(() => this.#in(box).length > 0, this.#patience.acknowledgement);
  }

  #send(subject: string, box: string | undefined, payload: string, headers: Fields = {}): void {
    const reply = box === undefined ? undefined : `r.${box}`;
    this.#client.publish(subject, reply, Object.entries(headers), payload);
  }

  /** Events about requests to delete a stream: the last one is waited for, so that the next sequence does not get it. */
  #ends(name: string): number {
    const text = `"subject":"$JS.API.STREAM.DELETE.${name}"`;
    return this.#in('events').filter(({ payload }) => payload.includes(text)).length;
  }

  #messages(): Message[] {
    return this.#client.frames.filter((frame) => frame.op === 'MSG');
  }

  #in(box: string): Message[] {
    return this.#messages().filter(({ sid }) => sid === box);
  }

  async #until(isOver: () => boolean, withinMs = this.#patience.reply): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (let turns = 0; turns < 8 && !isOver(); turns++) await turn();
    while (!isOver() && performance.now() < deadline) await sleep(1);
  }

  async #settle(): Promise<void> {
    await this.#client.ping();
    if (this.#patience.settle > 0) await sleep(this.#patience.settle);
  }
}

/** A pull is over with a status, or with as many messages as it asked for. */
function isPullOver(messages: readonly Message[], batch: number): boolean {
  return messages.length >= batch || messages.some(({ header }) => /^NATS\/1\.0 (?!100)\d/.test(header));
}

/** A direct get is over with a status; one for a single message with that. */
function isDirectOver(messages: readonly Message[], body: string): boolean {
  const isBatch = /"(batch|multi_last)"/.test(body);
  return messages.some(({ header }) => !isBatch || /^NATS\/1\.0 \d/.test(header));
}

function textOf({ subject, reply, header, payload }: Message): string {
  const isReply = /^r\./.test(subject);
  return normalised(
    [isReply ? '' : subject, reply, header, payload].filter((part) => part !== '').join(' | '),
  );
}
