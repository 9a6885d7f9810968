import { setTimeout as sleep } from 'node:timers/promises';
import { WireClient } from '../../../src/fuzz/wire-client.ts';
import type { Target } from '../play.ts';
import { bodyText, type Fields } from './command.ts';
import { normalised } from './normalise.ts';
import { type Account, STREAMS, type Step } from './sourcing.ts';

const REPLY_MS = 1_500;
/** Messages of a stream that are looked at, at most. */
const MOST_MESSAGES = 60;
const CHUNK = 65_536;

interface Reply {
  readonly header: string;
  readonly payload: string;
}

/** A connection to one account of one server, with an inbox for each request. */
class Line {
  readonly #client: WireClient;
  readonly #seen = new Map<string, Reply[]>();
  #read = 0;
  #count = 0;

  constructor(target: Target, account: Account) {
    this.#client = new WireClient(target.open());
    this.#client.login(account, account, account);
    this.#client.subscribe('r.>', undefined, 'r');
    this.#client.subscribe('again.>', undefined, 'again');
  }

  /** Sends something; what comes back is found by the returned name. */
  send(subject: string, payload: string, headers: Fields = {}): string {
    const box = `r.${this.#count++}`;
    this.#client.publish(subject, box, Object.entries(headers), payload);
    return box;
  }

  async replies(box: string, count: number, withinMs: number): Promise<readonly Reply[]> {
    const deadline = performance.now() + withinMs;
    while (this.#at(box).length < count && performance.now() < deadline) await sleep(1);
    return this.#at(box);
  }

  async ask(subject: string, payload: string, headers?: Fields): Promise<string> {
    const [reply] = await this.replies(this.send(subject, payload, headers), 1, REPLY_MS);
    return reply === undefined ? '(no reply)' : `${reply.header}${reply.payload}`;
  }

  /** What streams republished since last time. */
  published(): string[] {
    return this.#client.frames.flatMap((frame) =>
      frame.op === 'MSG' && frame.sid === 'again' ? [`${frame.subject} ${frame.header}${frame.payload}`] : [],
    );
  }

  close(): void {
    this.#client.close();
  }

  #at(box: string): readonly Reply[] {
    const { frames } = this.#client;
    for (; this.#read < frames.length; this.#read++) {
      const frame = frames[this.#read];
      if (frame?.op !== 'MSG' || frame.sid !== 'r') continue;
      const known = this.#seen.get(frame.subject);
      if (known === undefined) this.#seen.set(frame.subject, [frame]);
      else known.push(frame);
    }
    return this.#seen.get(box) ?? [];
  }
}

/** One of the two servers, with a client in each account. */
export class Side {
  readonly #lines: Readonly<Record<Account, Line>>;
  readonly #backups = new Map<
    string,
    { readonly config: unknown; readonly state: unknown; readonly bytes: string[] }
  >();
  readonly #times = new Map<string, string>();

  constructor(target: Target) {
    this.#lines = { A: new Line(target, 'A'), B: new Line(target, 'B') };
  }

  /** Does a step and tells what was answered. */
  async take(step: Step): Promise<string> {
    switch (step.do) {
      case 'ask':
        return shown(await this.#lines[step.account].ask(step.subject, bodyText(step.body)));
      case 'publish':
        return shown(await this.#lines[step.account].ask(step.subject, step.payload, step.headers));
      case 'backup':
        return this.#backup(step.stream);
      case 'restore':
        return this.#restore(step.stream);
    }
  }

  /** How every stream stands. */
  async infos(): Promise<string[]> {
    const asked = this.#everyStream().map(({ line, name }) => {
      const body = JSON.stringify({ deleted_details: true, subjects_filter: '>' });
      return { name, reply: line.ask(`$JS.API.STREAM.INFO.${name}`, body) };
    });
    return Promise.all(asked.map(async ({ name, reply }) => `${name}: ${shown(await reply)}`));
  }

  /** Everything there is: how streams stand, their messages, what was republished. */
  async picture(): Promise<string[]> {
    const found = await Promise.all(this.#everyStream().map(({ line, name }) => this.#messages(line, name)));
    const parts = found.map((messages) => messages.map((text) => this.#timed(text)));
    const again = [...this.#lines.A.published(), ...this.#lines.B.published()].sort();
    return [...(await this.infos()), ...parts.flat(), ...again.map((text) => `again: ${shown(text)}`)];
  }

  /** Removes what the sequence made. */
  async end(): Promise<void> {
    for (const { line, name } of this.#everyStream().reverse())
      await line.ask(`$JS.API.STREAM.DELETE.${name}`, '');
    for (const line of Object.values(this.#lines)) line.close();
  }

  #everyStream(): { readonly line: Line; readonly name: string }[] {
    return Object.entries(STREAMS).flatMap(([account, names]) =>
      names.map((name) => ({ line: this.#lines[account as Account], name })),
    );
  }

  async #messages(line: Line, name: string): Promise<string[]> {
    const state = (await json(line.ask(`$JS.API.STREAM.INFO.${name}`, '')))['state'] as
      | { first_seq: number; last_seq: number }
      | undefined;
    if (state === undefined) return [];
    const last = Math.min(state.last_seq, state.first_seq + MOST_MESSAGES);
    const asked: Promise<string>[] = [];
    for (let seq = state.first_seq; seq <= last; seq++) {
      asked.push(line.ask(`$JS.API.STREAM.MSG.GET.${name}`, JSON.stringify({ seq })));
    }
    return (await Promise.all(asked)).map((text) => `${name} ${decoded(text)}`);
  }

  /** Times as the how manieth different one this is: that two messages have the same is compared. */
  #timed(text: string): string {
    // What is sourced has the time of its arrival, which may or may not be another one than that of its sending.
    if (text.includes('Nats-Stream-Source')) return text.replace(/"time":"[^"]*"/, '"time":"<arrival>"');
    return text.replace(/"time":"([^"]*)"/g, (_all, time: string) => {
      const known = this.#times.get(time) ?? `t${this.#times.size}`;
      this.#times.set(time, known);
      return `"time":"${known}"`;
    });
  }

  async #backup(name: string): Promise<string> {
    const line = this.#lines.A;
    const chunks = line.send('nowhere', '');
    const body = { deliver_subject: chunks, chunk_size: CHUNK };
    const answer = await line.ask(`$JS.API.STREAM.SNAPSHOT.${name}`, JSON.stringify(body));
    const { config, state } = await json(answer);
    if (config === undefined) return shown(answer);
    const bytes: string[] = [];
    for (let at = 1; ; at++) {
      const [chunk] = (await line.replies(chunks, at + 1, REPLY_MS)).slice(at);
      if (chunk === undefined || chunk.payload === '') break;
      bytes.push(chunk.payload);
    }
    this.#backups.set(name, { config, state, bytes });
    return shown(answer);
  }

  async #restore(name: string): Promise<string> {
    const backup = this.#backups.get(name);
    if (backup === undefined) return '(no backup)';
    const line = this.#lines.A;
    const { config, state, bytes } = backup;
    const answer = await line.ask(`$JS.API.STREAM.RESTORE.${name}`, JSON.stringify({ config, state }));
    const { deliver_subject: to } = await json(answer);
    if (typeof to !== 'string') return shown(answer);
    for (const chunk of bytes) await line.ask(to, chunk);
    return `${shown(answer.replace(to, '<upload>'))}\n${shown(await line.ask(to, ''))}`;
  }
}

async function json(text: Promise<string> | string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A message with its header and payload as text. */
function decoded(text: string): string {
  return text.replace(/"(hdrs|data)":"([^"]*)"/g, (_all, key: string, base64: string) => {
    return `"${key}":${JSON.stringify(Buffer.from(base64, 'base64').toString('latin1'))}`;
  });
}

/** Without what depends on the moment: that there was word from an origin is compared, not when. */
function shown(text: string): string {
  return (
    normalised(text)
      .replace(/"active":\d+/g, '"active":"<ns>"')
      .replace(/"(total_time|time)":\d+/g, '"$1":"<ns>"')
      // Documented: the real server tells after a while that an origin is missing, or never.
      .replace(/,"error":\{"code":404,"err_code":10059[^}]*\}(?=[^\]]*\]?,"ts")/g, '')
      .replace(
        /"sources":(\[[^\]]*(?:\[[^\]]*\][^\]]*)*\]),"ts"/,
        (_all, list: string) => `"sources":${inOrder(list)},"ts"`,
      )
  );
}

/** Sources by their text: the real server tells them in any order (docs/differences.md). */
function inOrder(list: string): string {
  const sources = (JSON.parse(list) as unknown[]).map((source) => JSON.stringify(source));
  return `[${sources.sort().join(',')}]`;
}
