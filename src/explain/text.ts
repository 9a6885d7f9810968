import type {
  ArrivalStep,
  Change,
  DecisionStep,
  Explanation,
  Permitted,
  Place,
  Question,
  Step,
  Who,
} from './explanation.ts';
import { type Paint, painter, printable, wrapped } from './typeset.ts';

/** How text for people is set. */
export interface TextStyle {
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Users that one list shows. */
const LISTED = 20;
const INDENT = 4;

/** An explanation for people. */
export function explanationText(explanation: Explanation, style: TextStyle): string {
  const paint = painter(style.colour);
  const { question, allowed, rule, promise, steps, change, alternatives } = explanation;
  const lines = [
    `${verdictWord(allowed, paint)}  ${questionText(question)}`,
    ...wrapped(`by ${rule}: ${promise}`, style.width, 9).map((line) => paint('dim', line)),
    '',
    ...numbered(told(steps), paint, style.width),
    '',
    ...changeLines(change, alternatives, allowed, paint, style.width),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function verdictWord(allowed: boolean, paint: Paint): string {
  return allowed ? paint('green', 'ALLOWED') : paint('red', 'DENIED ');
}

/** Who wants to do what, as the beginning of a sentence about it. */
function questionText({ action, user, account, subject, queue }: Question): string {
  const who = principalText(user, account);
  const what = subject === undefined ? '' : ` "${printable(subject)}"`;
  const group = queue === undefined ? '' : ` in queue group "${printable(queue)}"`;
  const verbs: Record<Question['action'], string> = {
    publish: 'publishes to',
    subscribe: 'subscribes to',
    request: 'requests',
    jetstream: 'uses the JetStream endpoint',
    connect: 'connects',
  };
  return `${who} ${verbs[action]}${what}${group}`;
}

function principalText(user: string | undefined, account: string | undefined): string {
  if (user === undefined && account === undefined) return 'whoever has no credentials';
  if (user === undefined) return `anybody unrestricted in account "${printable(account ?? '')}"`;
  const inside = account === undefined ? '' : ` in account "${printable(account)}"`;
  return `user "${printable(user)}"${inside}`;
}

/** Where everything is decided alike, the kinds of connection need no step each. */
function told(steps: readonly Step[]): Step[] {
  const connects = steps.filter(
    (step): step is DecisionStep => step.kind === 'decision' && step.action === 'connect',
  );
  if (connects.length < 2) return [...steps];
  const groups = new Map<string, DecisionStep[]>();
  for (const step of connects) groups.set(step.rule, [...(groups.get(step.rule) ?? []), step]);
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ ...first, subject: [first, ...others].map(({ subject }) => subject).join(', ') }],
  );
}

function numbered(steps: readonly Step[], paint: Paint, width: number): string[] {
  return steps.flatMap((step, at) => {
    const lines = stepLines(step, paint, width - INDENT);
    return lines.map((line, row) => (row === 0 ? `${String(at + 1).padStart(2)}. ${line}` : `    ${line}`));
  });
}

function stepLines(step: Step, paint: Paint, width: number): string[] {
  switch (step.kind) {
    case 'decision':
      return decisionLines(step, paint, width);
    case 'arrival':
      return arrivalLines(step, paint, width);
    case 'note':
      return [...wrapped(printable(step.text), width), ...placeLines(step.at, paint)];
  }
}

function decisionLines(step: DecisionStep, paint: Paint, width: number): string[] {
  const { action, account, subject, queue, allowed, filtered, rule, promise, reasons } = step;
  const verdict = allowed
    ? paint('green', filtered ? 'allowed, filtered' : 'allowed')
    : paint('red', 'refused');
  const name = action === 'connect' ? `over ${subject}` : `"${printable(subject)}"`;
  const group = queue === undefined ? '' : ` queue "${printable(queue)}"`;
  const where = account === undefined ? '' : ` (account ${printable(account)})`;
  return [
    `${paint('bold', action)} ${name}${group}${where}: ${verdict} by ${paint('bold', rule)}`,
    ...wrapped(promise, width, 2).map((line) => paint('dim', line)),
    ...reasons.flatMap(({ text, decided, at }) => {
      const mark = decided ? '=>' : '-';
      const lines = wrapped(`${mark} ${printable(text)}`, width, 2);
      return [...lines, ...placeLines(at, paint)];
    }),
  ];
}

function arrivalLines(step: ArrivalStep, paint: Paint, width: number): string[] {
  const { account, subject, from, service, doc, mapping } = step;
  const crossed = from === undefined ? '' : `, from account ${printable(from)}`;
  const mapped = mapping === undefined ? '' : ', mapped';
  return [
    `${paint('bold', 'arrives')} in account ${printable(account)} as "${printable(subject)}"${crossed}${mapped}`,
    ...(['mapping', 'import', 'export'] as const).flatMap((door) =>
      step[door] === undefined ? [] : placeLines(step[door], paint, `${door} at `),
    ),
    ...(service === undefined ? [] : wrapped(`served by ${service}: ${doc ?? ''}`, width, 2)),
  ];
}

/** `file:line:column` and the line itself. */
function placeLines(at: Place | undefined, paint: Paint, prefix = ''): string[] {
  if (at === undefined) return [];
  const { file, line, column, path, source } = at;
  const position =
    path ??
    [file ?? (line === undefined ? undefined : 'line'), line, column]
      .filter((part) => part !== undefined)
      .join(':');
  if (position === '') return [];
  const lines = [`     ${prefix}${paint('cyan', printable(position))}`];
  if (source !== undefined) lines.push(`       ${paint('dim', printable(source))}`);
  return lines;
}

function changeLines(
  change: Change | undefined,
  alternatives: readonly Change[],
  allowed: boolean,
  paint: Paint,
  width: number,
): string[] {
  const wanted = allowed ? 'refused' : 'allowed';
  if (change === undefined) return [`No change of the user's own entry makes it ${wanted}.`];
  return [
    paint('bold', `The smallest change with which it would be ${wanted}:`),
    ...oneChange(change, paint, width),
    ...alternatives.flatMap((each) => ['', paint('bold', 'Or:'), ...oneChange(each, paint, width)]),
  ];
}

function oneChange(
  { summary, where, at, configuration, also }: Change,
  paint: Paint,
  width: number,
): string[] {
  return [
    ...wrapped(printable(summary), width, 2),
    ...(also === undefined ? [] : wrapped(printable(also), width, 2).map((line) => paint('yellow', line))),
    ...(where === undefined ? [] : [`  In ${printable(where)}:`]),
    ...placeLines(at, paint),
    ...(configuration === undefined
      ? []
      : configuration.split('\n').map((line) => `      ${paint('green', printable(line))}`)),
  ];
}

/** Who may, for people. */
export function whoText({ question, who }: Who, style: TextStyle): string {
  const paint = painter(style.colour);
  const { subject, action } = question;
  const what = subject === undefined ? '' : ` "${printable(subject)}"`;
  const may = who.filter(({ extent }) => extent !== 'nothing');
  const not = who.filter(({ extent }) => extent === 'nothing');
  const lines = [
    paint('bold', `Who may ${action}${what}, each in its own account:`),
    ...(may.length === 0 ? ['  nobody'] : listedUsers(may, paint, style.width)),
    ...(not.length === 0 ? [] : ['', paint('bold', 'Who may not:'), ...listedUsers(not, paint, style.width)]),
  ];
  return `${lines.join('\n')}\n`;
}

function listedUsers(who: readonly Permitted[], paint: Paint, width: number): string[] {
  const lines = who.slice(0, LISTED).flatMap((each) => userLines(each, paint, width));
  if (who.length > LISTED) lines.push(`  … and ${who.length - LISTED} more`);
  return lines;
}

const COLOURS = { everything: 'green', partly: 'yellow', nothing: 'red' } as const;

function userLines(each: Permitted, paint: Paint, width: number): string[] {
  const { account, user, extent, rule, may, mayNot, reaches } = each;
  const name = user === '' ? '(no credentials)' : printable(user);
  const examples = (word: string, list: readonly string[] | undefined): string[] =>
    list === undefined || list.length === 0
      ? []
      : wrapped(`${word} ${list.map((subject) => `"${printable(subject)}"`).join(', ')}`, width, 6);
  return [
    `  ${printable(account)} / ${name}: ${paint(COLOURS[extent], extent)} by ${rule}`,
    ...examples('for example', may),
    ...examples('but not', mayNot),
    ...(reaches === undefined ? [] : [`      reaches account ${reaches.map(printable).join(', ')}`]),
  ];
}
