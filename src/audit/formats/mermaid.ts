import type { AuditReport, Flow, Step } from '../report.ts';

/** Arrows that renderers draw without being told to (Mermaid's own bound). */
const MOST_ARROWS = 500;
const LONGEST_LABEL = 60;

/** A picture: accounts as boxes, doors between them, and a thick arrow for what passes more than one door. */
export function renderMermaid({ accounts, flows }: AuditReport): string {
  const ids = new Map(accounts.map(({ name }, at) => [name, `account${at}`]));
  const lines = ['flowchart LR'];
  const doors = doorsOf(flows);
  const through = flows.filter(
    (flow) => flow.kind !== 'reply' && flow.paths.every((steps) => steps.length > 1),
  );
  const arrows = [
    ...doors.flatMap(([step, id]) => doorLines(step, id, ids)),
    ...through.map((flow) => `  ${ids.get(flow.from)} ==>|${label(throughText(flow))}| ${ids.get(flow.to)}`),
  ];
  const shown = new Set(flows.flatMap(({ from, to, paths }) => (paths.some(isConfigured) ? [from, to] : [])));
  for (const { name, kind } of accounts) {
    if (!shown.has(name) && accounts.length > 50) continue;
    lines.push(`  ${ids.get(name)}${kind === 'system' ? `[[${label(name)}]]` : `[${label(name)}]`}`);
  }
  lines.push(...arrows.slice(0, MOST_ARROWS));
  if (arrows.length > MOST_ARROWS) lines.push(`  %% ${arrows.length - MOST_ARROWS} more lines are left out`);
  return `${lines.join('\n')}\n`;
}

/** Built-in doors are the same everywhere; they would hide what the configuration opens. */
function isConfigured(steps: readonly Step[]): boolean {
  return steps.some(({ builtin }) => builtin !== true);
}

/** Each configured door once. */
function doorsOf(flows: readonly Flow[]): [Step, string][] {
  const doors = new Map<string, Step>();
  for (const { paths } of flows) {
    for (const steps of paths) {
      for (const step of steps) {
        if (step.builtin === true || step.door === 'response') continue;
        doors.set(JSON.stringify([step.door, step.from, step.to, step.subject, step.becomes]), step);
      }
    }
  }
  return [...doors.values()].map((step, at) => [step, `door${at}`]);
}

function doorLines(step: Step, id: string, ids: ReadonlyMap<string, string>): string[] {
  const arrow = step.door === 'service' ? '-.->' : '-->';
  const name = step.subject === step.becomes ? step.subject : `${step.subject} as ${step.becomes}`;
  return [
    `  ${ids.get(step.from)} ${arrow} ${id}{{${label(`${step.door} ${name}`)}}} ${arrow} ${ids.get(step.to)}`,
  ];
}

function throughText({ kind, subjects }: Flow): string {
  return `${kind} ${subjects.map(({ pattern }) => pattern).join(', ')}`;
}

/** A quoted label: what Mermaid or HTML would read as markup is written as an entity. */
function label(text: string): string {
  const short = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL)}…` : text;
  const plain = short.replace(/[^\p{L}\p{N} .,*:_@…-]/gu, (char) => `#${char.codePointAt(0)};`);
  return `"${plain}"`;
}
