import { formatPosition } from '../../config/index.ts';
import { OWN } from '../access.ts';
import { FINDING_RULES } from '../findings/rules.ts';
import type { Access, AuditReport, Finding, Flow, Reach, Severity, Step, SubjectText } from '../report.ts';

/** How much of a report is written out. */
export interface TextStyle {
  /** With the colours of a terminal. */
  readonly colour: boolean;
}

const COLOURS: Readonly<Record<Severity, string>> = {
  critical: '1;97;41',
  high: '1;31',
  medium: '33',
  low: '36',
  info: '2',
};

const MOST_FLOWS = 200;
const MOST_NAMES = 8;
const MOST_CLASSES = 50;

/** The report for people. */
export function renderText(report: AuditReport, { colour }: TextStyle): string {
  const paint = (text: string, code: string): string => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
  const heading = (text: string): string => paint(text, '1');
  const sections = [
    heading(summary(report)),
    [heading('Findings'), ...findingLines(report, paint)].join('\n'),
    [heading('What crosses from account to account'), ...flowLines(report.flows)].join('\n'),
    [heading('Who reaches the JetStream API and system services'), ...accessLines(report.access)].join('\n'),
  ];
  if (report.cut.length > 0)
    sections.push([heading('Not complete'), ...report.cut.map((line) => `  ${printable(line)}`)].join('\n'));
  return `${sections.join('\n\n')}\n`;
}

/** Subjects and names come from whoever wrote the configuration: nothing in them may speak to the terminal. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

function summary({ accounts, flows, findings, counts }: AuditReport): string {
  const users = accounts.reduce((sum, account) => sum + account.users, 0);
  const crossing = flows.filter((flow) => !isBuiltin(flow)).length;
  const worst = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const found = findings.length === 0 ? 'nothing found' : worst.join(', ');
  return `${accounts.length} accounts, ${users} users, ${crossing} configured flows; ${found}`;
}

function findingLines({ findings }: AuditReport, paint: (text: string, code: string) => string): string[] {
  if (findings.length === 0) return ['  none'];
  return findings.flatMap((finding) => [
    `  ${paint(finding.severity.toUpperCase().padEnd(8), COLOURS[finding.severity])} ${titleOf(finding)}`,
    `           ${printable(finding.message)}`,
    ...finding.at
      .slice(0, 4)
      .map((at) => `           ${paint(printable(formatPosition(at).replace(/: $/, '')), '2')}`),
    ...(finding.at.length > 4 ? [`           and ${finding.at.length - 4} more lines`] : []),
    `           -> ${finding.remedy} [${finding.reference}]`,
  ]);
}

/** The title of a kind of finding; advisories have their own names. */
export function titleOf({ id, reference }: Finding): string {
  return Object.hasOwn(FINDING_RULES, id)
    ? FINDING_RULES[id as keyof typeof FINDING_RULES].title
    : `Exposed to ${reference}`;
}

function isBuiltin(flow: Flow): boolean {
  return flow.paths.every((steps) => steps.every(({ builtin }) => builtin === true));
}

function flowLines(flows: readonly Flow[]): string[] {
  const own = flows.filter((flow) => !isBuiltin(flow));
  const lines = own.slice(0, MOST_FLOWS).flatMap(linesOfFlow);
  if (own.length > MOST_FLOWS) lines.push(`  and ${own.length - MOST_FLOWS} more; --format json has all`);
  if (own.length === 0) lines.push('  nothing that the configuration opens');
  const builtin = new Set(flows.filter(isBuiltin).map(({ from }) => from)).size;
  if (builtin > 0)
    lines.push(`  ${builtin} accounts reach the system account by the doors that every account has (below)`);
  return lines;
}

function linesOfFlow(flow: Flow): string[] {
  const head = `  ${flow.from} -> ${flow.to}  ${flow.kind}${flow.actsFor === undefined ? '' : ` for account ${flow.actsFor}`}`;
  const { subject, arrives, publish } = flow.witness;
  const example = `${publish === undefined ? '' : `${publish} becomes `}${subject} arrives as ${arrives}`;
  return [
    printable(head),
    printable(`      ${setTexts(flow.subjects)}  as  ${setTexts(flow.arrives)}`),
    ...flow.paths.flatMap((steps) => steps.map((step) => printable(`      ${stepText(step)}`))),
    printable(`      sent by ${names(flow.senders)}; received by ${names(flow.receivers)}`),
    ...(flow.kind === 'reply' ? [] : [printable(`      for example: ${example}`)]),
  ];
}

function setTexts(subjects: readonly SubjectText[]): string {
  return names(
    subjects.map(({ pattern, except, may }) => {
      const holes = except === undefined ? '' : ` (without ${names(except)})`;
      return `${pattern}${holes}${may ? ' (may)' : ''}`;
    }),
  );
}

export function stepText({ door, from, to, subject, becomes, builtin, importAt, exportAt }: Step): string {
  const places = [
    builtin ? 'built in' : '',
    importAt === undefined ? '' : `import ${formatPosition(importAt).replace(/: $/, '')}`,
    exportAt === undefined ? '' : `export ${formatPosition(exportAt).replace(/: $/, '')}`,
  ].filter((place) => place !== '');
  return `${door} door ${from} ${subject} -> ${to} ${becomes}${places.length === 0 ? '' : ` (${places.join(', ')})`}`;
}

function names(list: readonly string[]): string {
  if (list.length === 0) return 'nobody';
  const rest = list.length > MOST_NAMES ? ` and ${list.length - MOST_NAMES} more` : '';
  return `${list.slice(0, MOST_NAMES).join(', ')}${rest}`;
}

/** People with the same reach stand together, whatever their account. */
function accessLines(access: readonly Access[]): string[] {
  const classes = new Map<string, { readonly who: string[]; readonly lines: readonly string[] }>();
  for (const { account, users, api, system } of access) {
    const lines = [...reachLines('JetStream', api), ...reachLines('system', system)];
    const key = lines.join('\n');
    const known = classes.get(key) ?? { who: [], lines };
    known.who.push(...users.map((user) => `${user} (${account})`));
    classes.set(key, known);
  }
  const shown = [...classes.values()]
    .slice(0, MOST_CLASSES)
    .flatMap(({ who, lines }) => [
      printable(`  ${names(who)}`),
      ...lines.map((line) => printable(`      ${line}`)),
    ]);
  if (classes.size > MOST_CLASSES)
    shown.push(`  and ${classes.size - MOST_CLASSES} more kinds of rights; --format json has all`);
  return shown.length === 0 ? ['  nobody'] : shown;
}

function reachLines(what: string, reach: readonly Reach[]): string[] {
  const accounts = [...new Set(reach.map(({ actsFor }) => actsFor))];
  return accounts.flatMap((account) => {
    const here = reach.filter(({ actsFor }) => actsFor === account);
    const refused = here.filter(({ verdict }) => verdict === 'refused');
    const allowed = here.filter(({ verdict }) => verdict !== 'refused');
    const whose = account === OWN ? 'of the own account' : `of account ${account}`;
    const few = allowed.length <= 6 ? `: ${allowed.map(({ subject }) => subject).join(', ')}` : '';
    return [
      ...(allowed.length === 0 ? [] : [`${what} ${whose}: ${allowed.length} allowed${few}`]),
      ...(refused.length === 0
        ? []
        : [
            `${what} ${whose}: ${refused.length} refused (${[...new Set(refused.map(({ rule }) => rule))].join(', ')})`,
          ]),
    ];
  });
}
