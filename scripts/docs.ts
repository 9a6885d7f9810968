/**
 * Writes the generated pages and the generated parts of pages from the tables in the code: `npm run docs`. With
 * `--check` nothing is written, and the exit code is 1 when a page is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENDPOINTS, renderApiDocs } from '../src/api/index.ts';
import { ADVISORIES, FINDING_RULES, type FindingRule, renderAuditSchema } from '../src/audit/docs.ts';
import { FLAG_GROUPS, FLAGS, type FlagSpec } from '../src/cli/flag-table.ts';
import { configKeys, renderConfigDocs } from '../src/config/index.ts';
import { renderExplainSchema } from '../src/explain/index.ts';
import { CONTROLS, RULES, type Rule } from '../src/guard/index.ts';
import { renderSystemDocs } from '../src/system/index.ts';
import { renderTrials } from './rule-commands.ts';

const ROOT = new URL('../', import.meta.url);

/** Pages that are generated as a whole. */
const PAGES: Readonly<Record<string, () => string>> = {
  'docs/api.md': renderApiDocs,
  'docs/configuration.md': renderConfigDocs,
  'docs/system.md': renderSystemDocs,
  'docs/schemas/audit.schema.json': renderAuditSchema,
  'docs/schemas/explain.schema.json': renderExplainSchema,
};

/** Pages that people write, with parts that are generated. */
const PAGES_WITH_PARTS = [
  'README.md',
  'docs/audit.md',
  'docs/security-model.md',
  'docs/differences.md',
] as const;

/** The generated parts, by the name in their opening mark `<!-- generated: NAME -->`. */
const PARTS: Readonly<Record<string, () => string>> = {
  flags: flagTable,
  rules: ruleTables,
  controls: controlTable,
  findings: findingTable,
  advisories: advisoryTable,
  'endpoints-not-full': endpointTable,
  'configuration-later': laterKeys,
};

const PART = /(<!-- generated: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g;

/** A page as it is and as it should be. */
export interface Page {
  readonly path: string;
  readonly current: string;
  readonly fresh: string;
}

/** Every page that has something generated in it. */
export function renderPages(): Page[] {
  const whole = Object.entries(PAGES).map(([path, render]) => ({
    path,
    current: read(path),
    fresh: render(),
  }));
  const parts = PAGES_WITH_PARTS.map((path) => {
    const current = read(path);
    return { path, current, fresh: withParts(path, current) };
  });
  return [...whole, ...parts];
}

function withParts(path: string, page: string): string {
  return page.replace(PART, (_, open: string, name: string, close: string) => {
    const render = PARTS[name];
    if (render === undefined) throw new Error(`${path}: no generated part is called ${name}`);
    return `${open}\n${render()}\n\n${close}`;
  });
}

function read(path: string): string {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8');
  } catch {
    return '';
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function flagTable(): string {
  const rows = FLAG_GROUPS.flatMap((group) => FLAGS.filter((flag) => flag.group === group));
  return table(
    ['flag', 'meaning'],
    rows.map((flag) => [flagNames(flag), flag.doc]),
  );
}

function flagNames({ names, value }: FlagSpec): string {
  const dashed = names.map((name) => (name.length > 3 ? `--${name}` : `-${name}`));
  return dashed
    .map((name, at) => `\`${name}${at === dashed.length - 1 && value ? ` ${value}` : ''}\``)
    .join(', ');
}

/** For each decision of the guard the rules in their order, and a command to try for each. */
function ruleTables(): string {
  const rules: [string, Rule][] = Object.entries(RULES);
  const decisions = [...new Set(rules.map(([, rule]) => rule.decision))];
  const sections = decisions.map((decision) => {
    const rows = rules.filter(([, rule]) => rule.decision === decision);
    const cells = rows.map(([id, rule]) => [`\`${id}\``, rule.outcome, rule.promise, rule.source]);
    return `### ${decision}\n\n${table(['rule', 'outcome', 'promise', 'source'], cells)}\n\n${renderTrials(decision)}`;
  });
  return sections.join('\n\n');
}

function controlTable(): string {
  return table(
    ['control', 'advisory', 'promise', 'what the historical server did'],
    Object.values(CONTROLS).map(({ id, advisory, promise, fault }) => [
      `\`${id}\``,
      advisory,
      promise,
      fault,
    ]),
  );
}

/** Every kind of finding of the auditor. */
function findingTable(): string {
  const rules: [string, FindingRule][] = Object.entries(FINDING_RULES);
  return table(
    ['finding', 'severity', 'what is so', 'what to do', 'reference'],
    rules.map(([id, { severity, title, remedy, reference }]) => [
      `\`${id}\``,
      severity,
      title,
      remedy,
      reference,
    ]),
  );
}

/** The advisories that the auditor looks for. */
function advisoryTable(): string {
  return table(
    ['advisory', 'severity', 'from', 'fixed in', 'what somebody can do'],
    ADVISORIES.map(({ id, severity, since, fixed, effect }) => [
      id,
      severity,
      since,
      fixed.join(', '),
      effect,
    ]),
  );
}

/** Endpoints whose answer is real and whose effect is not there. */
function endpointTable(): string {
  const rows = ENDPOINTS.filter((row) => row.effect !== 'full');
  const why = { later: 'effect still to come', none: 'needs a cluster' };
  return table(
    ['endpoint', 'why it has no effect', 'what it is for'],
    rows.map((row) => [`\`${row.subject}\``, row.effect === 'full' ? '' : why[row.effect], row.doc]),
  );
}

/** Configuration keys that are accepted without effect where that changes who may do what. */
function laterKeys(): string {
  const rows = configKeys.filter((row) => row.status === 'later' && row.consequence !== undefined);
  return table(
    ['key', 'meanwhile'],
    rows.map((row) => [
      `\`${row.section === '' ? '' : `${row.section}.`}${row.key}\``,
      row.consequence ?? '',
    ]),
  );
}

function main(words: readonly string[]): number {
  const stale = renderPages().filter((page) => page.current !== page.fresh);
  if (words.includes('--check')) {
    for (const { path } of stale) process.stderr.write(`${path} is stale: run \`npm run docs\`\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const { path, fresh } of stale) {
    writeFileSync(new URL(path, ROOT), fresh);
    process.stdout.write(`wrote ${path}\n`);
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
