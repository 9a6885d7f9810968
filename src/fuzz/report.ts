import { type Action, actorOf, type Field, labelOf, type Scenario, userOf } from './actions.ts';
import type { Finding } from './finding.ts';
import { worldWithout } from './live.ts';
import { worldConfig } from './world.ts';

export interface Counterexample {
  readonly fuzzer: string;
  readonly target: string;
  readonly scenario: Scenario;
  readonly finding: Finding;
  readonly seed: number;
  /** The generator's path to the shrunk value. */
  readonly path: string;
  /** The command that shows it again. */
  readonly replay: string;
}

/** A counterexample the way an advisory tells it: who did what, and who noticed. */
export function reportText(found: Counterexample): string {
  const { scenario, finding } = found;
  return [
    `${found.fuzzer} found a counterexample on ${found.target} (${finding.oracle}): ${finding.summary}`,
    '',
    'What happens:',
    ...scenario.actions.map((action, i) => `  ${i + 1}. ${describeAction(scenario, action)}`),
    '',
    'What is seen:',
    ...finding.details.map((line) => `  - ${shortened(line)}`),
    '',
    'In this world:',
    ...worldConfig(scenario.world)
      .split('\n')
      .map((line) => `  ${line}`),
    `Seed ${found.seed}, path ${found.path}. Again with:`,
    `  ${found.replay}`,
  ].join('\n');
}

/** One action in words: `b@TEST2 publishes $JS.API.ACCOUNT.PURGE.TEST …`. */
export function describeAction(scenario: Scenario, action: Action): string {
  if (action.kind === 'advance') return `${action.ms} ms pass`;
  if (action.kind === 'reload') return describeReload(scenario, action);
  const who = `${userOf(scenario, action.by)}@${actorOf(scenario, action)} (connection ${labelOf(scenario, action.by)})`;
  switch (action.kind) {
    case 'sub':
      return `${who} subscribes to ${shown(action.subject)}${action.queue === undefined ? '' : ` in queue ${shown(action.queue)}`}`;
    case 'unsub':
      return `${who} unsubscribes its ${ordinal(action.nth)} subscription${action.max === undefined ? '' : ` after ${action.max} messages`}`;
    case 'pub':
      return `${who} publishes ${shown(action.subject)}${action.reply === undefined ? '' : ` with reply ${shown(action.reply)}`}${contents(action)}`;
    case 'request':
      return `${who} requests ${shown(action.subject)}${contents(action)}`;
    case 'answer':
      return `${who} answers its newest message with ${shown(action.body)}${action.asks === true ? ', with its inbox as reply' : ''}`;
    case 'replay': {
      const what = action.guess === true ? 'a subject that is nearly' : 'the';
      return `${who} publishes to ${what} ${ordinal(action.nth)} reply subject of ${labelOf(scenario, action.of)}, body ${shown(action.body)}`;
    }
    case 'raw':
      return `${who} sends the bytes ${JSON.stringify(action.bytes)} on a connection of their own`;
    case 'close':
      return `${who} disconnects`;
  }
}

/** What the other configuration lacks: shut doors are told by their lines. */
function describeReload(
  scenario: Scenario,
  { race, ...withdrawal }: Extract<Action, { kind: 'reload' }>,
): string {
  const left = worldConfig(worldWithout(scenario.world, withdrawal)).split('\n').slice(1);
  const gone = worldConfig(scenario.world)
    .split('\n')
    .slice(1)
    .filter((line) => !left.includes(line))
    .map((line) => line.trim());
  const meanwhile =
    race === undefined
      ? ''
      : `, while ${labelOf(scenario, race.by)} publishes ${race.subjects.map(shown).join(', ')}`;
  return `the configuration is reloaded ${gone.length === 0 ? 'with everything' : `without ${gone.join('; ')}`}${meanwhile}`;
}

function contents(action: { readonly headers: readonly Field[]; readonly body: string }): string {
  const headers = action.headers.map(([key, value]) => `${key}: ${value}`).join(' | ');
  return `${headers === '' ? '' : `, headers ${headers}`}${action.body === '' ? '' : `, body ${shown(action.body)}`}`;
}

function ordinal(nth: number): string {
  return nth === 0 ? 'newest' : `${nth + 1}th newest`;
}

const MAX_LINE = 400;

function shortened(line: string): string {
  return line.length <= MAX_LINE ? line : `${line.slice(0, MAX_LINE)} … (${line.length} characters)`;
}

/** Text with its unprintable characters visible. */
function shown(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}
