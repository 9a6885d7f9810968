/**
 * A command to try for every rule of the guard, for docs/security-model.md. Where `bulkhead explain` can show a rule, what
 * it says is asked of it when the page is written; what the other commands show is checked by
 * test/docs/rule-commands.test.ts.
 */
import { fileURLToPath } from 'node:url';
import { type DecisionStep, type Explanation, explainerFor, type Question } from '../src/explain/index.ts';
import { RULES, type RuleId } from '../src/guard/index.ts';

const ROOT = new URL('../', import.meta.url);
/** The configuration of `npm start`, which explain takes when none is named. */
const START = 'examples/start.conf';
/** The configuration on which lines are said. */
export const SHOP = 'examples/security-model.conf';

/** A question to `bulkhead explain` on one of the examples. */
interface Ask {
  readonly kind: 'ask';
  readonly config: string;
  readonly question: Question;
}

/** Lines of the protocol, said to a server of {@link SHOP} by each of so many connections at once. */
interface Say {
  readonly kind: 'say';
  readonly lines: readonly string[];
  readonly connections: number;
  /** A line of what some connection is answered. */
  readonly shows: string;
}

/** One of the tests: for what cannot be seen from outside, or only where somebody is quick. */
interface Test {
  readonly kind: 'test';
  readonly file: string;
  readonly name: string;
}

/** Anything else that can be typed. */
interface Run {
  readonly kind: 'run';
  readonly command: string;
  /** A part of what it prints. */
  readonly shows: string;
}

export type Trial = Ask | Say | Test | Run;

const CLERK = 'CONNECT {"user":"clerk","pass":"pw-clerk"}';
/** An answer of a request that the clerk was delivered, and the same once more. */
const ANSWERED_TWICE = [
  'SUB orders.ask 1',
  'PUB orders.ask till.1 0\\n',
  'PUB till.1 0\\n',
  'PUB till.1 0\\n',
];
/** Two subjects of which one is hidden. */
const HIDDEN_AND_NOT = ['SUB orders.> 1', 'PUB orders.secret 0\\n', 'PUB orders.new 0\\n'];
/** A configuration whose imports do not open. */
export const SHUT_DOORS = 'examples/shut-doors.conf';

const PURGE = '$JS.API.ACCOUNT.PURGE.TEST';

export const TRIALS = {
  'connect-credentials': ask({ user: 'a', action: 'connect' }),
  'connect-open': ask({ action: 'connect' }, 'examples/open.conf'),
  'connect-guest': ask({ action: 'connect' }, SHOP),
  'connect-no-credentials': ask({ action: 'connect' }),
  'connect-bad-credentials': say(
    ['CONNECT {"user":"clerk","pass":"wrong"}'],
    "-ERR 'Authorization Violation'",
  ),
  'connect-account-named': say(
    ['CONNECT {"user":"clerk","pass":"pw-clerk","account":"PARTNER"}'],
    "-ERR 'Authorization Violation'",
  ),
  'connect-type-not-allowed': ask({ user: 'app', action: 'connect' }, SHOP),
  'connect-account-full': say(['CONNECT {}'], "-ERR 'maximum account active connections exceeded'", 2),
  'connect-account-gone': test('test/guard/decisions.test.ts', 'connect-account-gone'),
  'connect-control-off': test('test/server/permissions.test.ts', 'connect-account-from-client'),
  'publish-unrestricted': ask({ user: 'a', action: 'publish', subject: 'orders.new' }),
  'publish-allowed': ask({ user: 'clerk', action: 'publish', subject: 'orders.new' }, SHOP),
  'publish-response': say(
    [CLERK, ...ANSWERED_TWICE],
    '-ERR \'Permissions Violation for Publish to "till.1"\'',
  ),
  'publish-reply': say(
    [CLERK, 'SUB orders.look 1', 'PUB orders.look till.2 0\\n'],
    'MSG orders.look 1 till.2 0',
  ),
  'publish-denied': ask({ user: 'clerk', action: 'publish', subject: 'orders.delete' }, SHOP),
  'publish-not-allowed': ask({ user: 'clerk', action: 'publish', subject: 'till.open' }, SHOP),
  'publish-reserved-reply': ask({ user: 'a', action: 'request', subject: 'orders.new', inbox: '_R_' }),
  'publish-reserved-subject': ask({ user: 'a', action: 'publish', subject: '_GR_.x' }),
  'subscribe-unrestricted': ask({ user: 'a', action: 'subscribe', subject: '>' }),
  'subscribe-allowed': ask({ user: 'clerk', action: 'subscribe', subject: 'orders.>' }, SHOP),
  'subscribe-denied': ask(
    { user: 'clerk', action: 'subscribe', subject: 'orders.secret', queue: 'desks' },
    SHOP,
  ),
  'subscribe-not-allowed': ask({ user: 'clerk', action: 'subscribe', subject: 'till.open' }, SHOP),
  'deliver-allowed': say([CLERK, ...HIDDEN_AND_NOT], 'MSG orders.new 1 0'),
  'deliver-denied': say([CLERK, ...HIDDEN_AND_NOT], 'MSG orders.new 1 0'),
  'crossing-imported': ask({ user: 'partner', action: 'request', subject: 'stock.tea' }, SHOP),
  'crossing-response': ask({ user: 'a', action: 'request', subject: '$SYS.REQ.USER.INFO' }),
  'crossing-not-exported': refusedAtLoad('account "SHOP" exports no service that covers it'),
  'crossing-private': refusedAtLoad('exported at examples/shut-doors.conf:6:7 for account PARTNER'),
  'crossing-account-token': refusedAtLoad("with the importing account's name as token 2"),
  'crossing-spent-response': test(
    'test/guard/decisions.test.ts',
    'a response uses its mapping as often and as long as it lives',
  ),
  'crossing-withdrawn': test('test/accounts/live-doors.test.ts', 'says by which rule a way back is closed'),
  'scope-own-account': ask({ user: 'a', action: 'jetstream', subject: 'STREAM.CREATE' }),
  'scope-system-account': ask({ user: 'sys', action: 'publish', subject: PURGE }),
  'scope-named-own-account': ask({ user: 'a', action: 'jetstream', subject: 'ACCOUNT.STREAM.MOVE.TEST.s' }),
  'scope-offered': ask({ user: 'watch', action: 'request', subject: 'watch.varz' }, SHOP),
  'scope-control-off': run('bin/bulkhead demo seed', 'With the control off: stream1 is gone'),
  'scope-system-only': ask({ user: 'a', action: 'publish', subject: PURGE }),
  'scope-named-account-only': ask({ user: 'a', action: 'jetstream', subject: 'ACCOUNT.STREAM.MOVE.TEST2.s' }),
} as const satisfies Record<RuleId, Trial>;

function ask(question: Question, config = START): Ask {
  return { kind: 'ask', config, question };
}

function say(lines: readonly string[], shows: string, connections = 1): Say {
  return { kind: 'say', lines, connections, shows };
}

function test(file: string, name: string): Test {
  return { kind: 'test', file, name };
}

function refusedAtLoad(shows: string): Run {
  return run(`bin/bulkhead -t -c ${SHUT_DOORS}`, shows);
}

function run(command: string, shows: string): Run {
  return { kind: 'run', command, shows };
}

/** All trials of one decision, as a session of a shell. A command that shows several rules stands there once. */
export function renderTrials(decision: string): string {
  const shown = new Map<string, { rules: string[]; answers: string[] }>();
  for (const [rule, trial] of trialsOf(decision)) {
    const command = commandOf(trial);
    const entry = shown.get(command) ?? { rules: [], answers: [] };
    shown.set(command, entry);
    entry.rules.push(rule);
    const answer = answerOf(rule, trial);
    if (answer !== undefined && !entry.answers.includes(answer)) entry.answers.push(answer);
  }
  const blocks = [...shown].map(([command, { rules, answers }]) =>
    [`# ${rules.join(', ')}`, `$ ${command}`, ...answers].join('\n'),
  );
  return `\`\`\`console\n${blocks.join('\n\n')}\n\`\`\``;
}

export function trialsOf(decision: string): [RuleId, Trial][] {
  const trials = Object.entries(TRIALS) as [RuleId, Trial][];
  return trials.filter(([rule]) => RULES[rule].decision === decision);
}

/** What is typed, in the checkout. */
export function commandOf(trial: Trial): string {
  switch (trial.kind) {
    case 'ask':
      return askCommand(trial);
    case 'say': {
      const once = `node examples/say.mjs ${trial.lines.map(quoted).join(' ')}`;
      return Array.from({ length: trial.connections }, () => once).join(' & ');
    }
    case 'test':
      return `npx vitest run ${trial.file} -t ${quoted(trial.name)}`;
    case 'run':
      return trial.command;
  }
}

const ACTION_FLAGS = {
  publish: '--pub',
  subscribe: '--sub',
  request: '--request',
  jetstream: '--jetstream',
  connect: '--connect',
} as const;

function askCommand({ config, question }: Ask): string {
  const { user, action, subject, queue, inbox } = question;
  const words = [
    'bin/bulkhead explain',
    ...(config === START ? [] : ['-c', config]),
    ...flag('--user', user),
    ACTION_FLAGS[action],
    ...(subject === undefined ? [] : [quoted(subject)]),
    ...flag('--queue', queue),
    ...flag('--inbox', inbox),
  ];
  return words.join(' ');
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, quoted(value)];
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w.@/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What the command shows, shortened to the one line that names the reason. */
function answerOf(rule: RuleId, trial: Trial): string | undefined {
  switch (trial.kind) {
    case 'ask':
      return verdictLine(rule, explanationOf(trial));
    case 'test':
      return undefined;
    case 'say':
      return trial.shows;
    case 'run':
      return `… ${trial.shows} …`;
  }
}

/** Asks what a trial asks. */
export function explanationOf({ config, question }: Ask): Explanation {
  const explainer = explainerFor({ configFile: fileURLToPath(new URL(config, ROOT)) });
  try {
    return explainer.explain(question);
  } finally {
    explainer.close();
  }
}

/** The steps of an explanation that a rule decided. */
export function stepsBy(rule: RuleId, { steps }: Explanation): DecisionStep[] {
  return steps.filter((step): step is DecisionStep => step.kind === 'decision' && step.rule === rule);
}

function verdictLine(rule: RuleId, explanation: Explanation): string {
  const [step] = stepsBy(rule, explanation);
  const reason = step?.reasons.find(({ decided }) => decided);
  if (step === undefined || reason === undefined) throw new Error(`${rule} decides nothing in its example`);
  const { line } = reason.at ?? {};
  const verdict = step.filtered === true ? 'allowed, filtered' : step.allowed ? 'allowed' : 'refused';
  return `${verdict}: ${reason.text}${line === undefined ? '' : ` (line ${line})`}`;
}
