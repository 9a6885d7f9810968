import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ConfigError } from '../config/index.ts';
import {
  type Explanation,
  explainerFor,
  explanationText,
  isAnybody,
  type Question,
  QuestionError,
  type TextStyle,
  type Who,
  whoText,
} from '../explain/index.ts';
import { AskError, askServer } from './ask-server.ts';

/** Exit codes of the command. */
const ALLOWED = 0;
const USAGE = 2;
const DENIED = 3;

/** Columns where the terminal does not say how many it has, and the most that are used. */
const USUAL_WIDTH = 100;
const WIDEST = 120;

const USAGE_TEXT = `usage: bulkhead explain [-c FILE] WHO WHAT [--json]
       bulkhead explain [-c FILE] --who WHAT [--json]
       bulkhead explain --server URL WHO WHAT [--json]

Says why the server allows or refuses something: every decision, its rule, the line of the configuration that
decided, and the smallest change that would decide it otherwise.

  -c, --config FILE     the configuration (default: that of \`npm start\`)
  --server URL          ask a running server as a system user: nats://user:password@host:port
  --login USER:PASS     the credentials for --server, where they are not in the URL

who:
  --user NAME           a user of the configuration, by name or public nkey
  --as-account NAME     anybody unrestricted in this account; with --user, that user put into this account
  (none)                whoever comes in without credentials

what:
  --pub SUBJECT         publish a message
  --sub SUBJECT         subscribe; --queue GROUP as a member of a queue group
  --request SUBJECT     subscribe to an inbox (--inbox PREFIX, default _INBOX), publish, and get the answer
  --jetstream ENDPOINT  request an endpoint of the JetStream API: STREAM.CREATE, STREAM.INFO.orders
  --connect             log in, over each kind of connection

  --who                 the reverse: which users of which accounts may, and by which rule
  --json                for programs (docs/schemas/explain.schema.json)

exit codes: 0 allowed, 3 denied, 2 the question cannot be asked
`;

/** A command line that asks nothing that can be answered. */
class UsageError extends Error {}

/** Where the command writes. */
export interface ExplainIo {
  out(text: string): unknown;
  err(text: string): unknown;
  readonly style: TextStyle;
}

interface Asked {
  readonly question: Question;
  readonly config: string;
  readonly server?: string;
  readonly login?: string;
  readonly who: boolean;
  readonly json: boolean;
}

/** `bulkhead explain …`. @returns the exit code. */
export async function explain(words: readonly string[], io: ExplainIo = processIo()): Promise<number> {
  try {
    const asked = readWords(words);
    if (asked === undefined) {
      io.out(USAGE_TEXT);
      return ALLOWED;
    }
    const answer = await answerTo(asked);
    if (asked.json) io.out(`${JSON.stringify(answer, undefined, 2)}\n`);
    else io.out('who' in answer ? whoText(answer, io.style) : explanationText(answer, io.style));
    return ('who' in answer ? isAnybody(answer.who) : answer.allowed) ? ALLOWED : DENIED;
  } catch (thrown) {
    return refused(thrown, io);
  }
}

function refused(thrown: unknown, io: ExplainIo): number {
  if (thrown instanceof UsageError) io.err(`bulkhead explain: ${thrown.message}\n\n${USAGE_TEXT}`);
  else if (thrown instanceof QuestionError || thrown instanceof ConfigError || thrown instanceof AskError)
    io.err(`${thrown.message.replace(/^/gm, 'bulkhead explain: ')}\n`);
  else throw thrown;
  return USAGE;
}

async function answerTo({ question, config, server, login, who }: Asked): Promise<Explanation | Who> {
  if (server !== undefined) return askServer(server, login, question, who);
  const explainer = explainerFor({ configFile: config });
  try {
    return who ? explainer.who(question) : explainer.explain(question);
  } finally {
    explainer.close();
  }
}

/** @returns undefined where help is asked for. @throws {UsageError} */
function readWords(words: readonly string[]): Asked | undefined {
  const values = flagsOf(words);
  if (values.help) return undefined;
  const { server, login, who = false, json = false } = values;
  if (server !== undefined && values.config !== undefined)
    throw new UsageError('-c and --server exclude each other');
  if (login !== undefined && server === undefined) throw new UsageError('--login belongs to --server');
  return {
    question: questionOf(values),
    config: values.config ?? (server === undefined ? startConfiguration() : ''),
    who,
    json,
    ...(server === undefined ? {} : { server }),
    ...(login === undefined ? {} : { login }),
  };
}

type Flags = ReturnType<typeof flagsOf>;

function flagsOf(words: readonly string[]) {
  const text = { type: 'string' } as const;
  const toggle = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...words],
      options: {
        config: { ...text, short: 'c' },
        server: text,
        login: text,
        user: text,
        'as-account': text,
        pub: text,
        sub: text,
        queue: text,
        request: text,
        inbox: text,
        jetstream: text,
        connect: toggle,
        who: toggle,
        json: toggle,
        help: { ...toggle, short: 'h' },
      },
    }).values;
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function questionOf(values: Flags): Question {
  const { pub, sub, request, jetstream, connect, user, queue, inbox } = values;
  const account = values['as-account'];
  const given = [
    ...(pub === undefined ? [] : [{ action: 'publish' as const, subject: pub }]),
    ...(sub === undefined ? [] : [{ action: 'subscribe' as const, subject: sub }]),
    ...(request === undefined ? [] : [{ action: 'request' as const, subject: request }]),
    ...(jetstream === undefined ? [] : [{ action: 'jetstream' as const, subject: jetstream }]),
    ...(connect === true ? [{ action: 'connect' as const }] : []),
  ];
  const [what] = given;
  if (what === undefined || given.length > 1)
    throw new UsageError('one of --pub, --sub, --request, --jetstream and --connect is needed');
  return {
    ...what,
    ...(user === undefined ? {} : { user }),
    ...(account === undefined ? {} : { account }),
    ...(queue === undefined ? {} : { queue }),
    ...(inbox === undefined ? {} : { inbox }),
  };
}

/** The configuration of `npm start`, which comes with the package. */
function startConfiguration(): string {
  const places = ['../examples/start.conf', '../../examples/start.conf'];
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new UsageError('no configuration: name one with -c');
  return found;
}

/** Colour where people read, unless they asked for none (https://no-color.org). */
function processIo(): ExplainIo {
  const { stdout, env } = process;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    out: (text) => stdout.write(text),
    err: (text) => process.stderr.write(text),
    style: {
      colour: stdout.isTTY === true && !plain,
      width: Math.min(stdout.isTTY === true ? stdout.columns : USUAL_WIDTH, WIDEST),
    },
  };
}
