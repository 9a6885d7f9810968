import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  commandOf,
  explanationOf,
  SHOP,
  SHUT_DOORS,
  stepsBy,
  TRIALS,
  type Trial,
} from '../../scripts/rule-commands.ts';
import { audit } from '../../src/cli/audit.ts';
import { explain } from '../../src/cli/explain.ts';
import { loadConfigFile } from '../../src/config/index.ts';
import { RULES, type RuleId } from '../../src/guard/index.ts';
import { type BulkheadServer, startServer } from '../../src/index.ts';
import { ROOT, readPage } from './pages.ts';

/** Every command of docs/security-model.md shows the rule that it stands for. */
const ROWS = Object.entries(TRIALS) as [RuleId, Trial][];

function rowsOf<K extends Trial['kind']>(kind: K): [RuleId, Extract<Trial, { kind: K }>][] {
  return ROWS.filter((row): row is [RuleId, Extract<Trial, { kind: K }>] => row[1].kind === kind);
}

/** The words of a command, quotes taken off. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** The same from any working directory. */
function inCheckout(words: readonly string[]): string[] {
  return words.map((word) => (word.startsWith('examples/') ? `${ROOT}${word}` : word));
}

it('every rule has a command on the page', () => {
  expect(ROWS.map(([rule]) => rule).sort()).toEqual(Object.keys(RULES).sort());
  const page = readPage('docs/security-model.md');
  for (const [, trial] of ROWS) expect(page).toContain(`$ ${commandOf(trial)}\n`);
});

describe('what is asked of explain', () => {
  it.each(rowsOf('ask'))('is decided by %s', (rule, trial) => {
    const steps = stepsBy(rule, explanationOf(trial));
    expect(steps.map(({ allowed }) => (allowed ? 'allow' : 'refuse'))).toContain(RULES[rule].outcome);
  });

  it.each(rowsOf('ask'))('can be typed as the page writes it: %s', async (rule, trial) => {
    const [program, command, ...words] = wordsOf(commandOf(trial));
    expect([program, command]).toEqual(['bin/bulkhead', 'explain']);
    let out = '';
    const io = { out: (text: string) => (out += text), err: () => 0, style: { colour: false, width: 500 } };
    expect(await explain(inCheckout(words), io)).toBe(explanationOf(trial).allowed ? 0 : 3);
    expect(out).toContain(`by ${rule}`);
  });
});

describe('what is said on the wire', () => {
  const told = new Map<RuleId, string>();
  let server: BulkheadServer;

  beforeAll(async () => {
    server = await startServer({ configFile: `${ROOT}${SHOP}`, port: 0 });
    const all = rowsOf('say').map(async ([rule, { lines, connections }]) => {
      const said = Array.from({ length: connections }, () => say(server.port, lines));
      told.set(rule, (await Promise.all(said)).join('\n'));
    });
    await Promise.all(all);
  }, 20_000);

  afterAll(() => server.stop());

  it.each(rowsOf('say'))('is decided by %s', (rule, { shows }) => {
    expect(told.get(rule)?.split('\r\n')).toContain(shows);
    expect(server.ruleCounters()).toHaveProperty(rule);
  });

  it('does not show what is denied', () => {
    expect(told.get('deliver-denied')).not.toContain('MSG orders.secret');
    expect(told.get('publish-response')?.match(/Permissions Violation/g)).toHaveLength(1);
  });
});

/** Runs examples/say.mjs as the page does. @returns what it prints. */
function say(port: number | undefined, lines: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [`${ROOT}examples/say.mjs`, '-p', String(port), ...lines]);
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve) => child.once('close', () => resolve(out)));
}

describe('the tests that stand for a rule', () => {
  it.each(rowsOf('test'))('%s', (rule, { file, name }) => {
    const text = readFileSync(`${ROOT}${file}`, 'utf8');
    expect(text).toContain(name);
    expect(text).toContain(rule);
  });
});

describe('doors that do not open', () => {
  const rows = rowsOf('run').filter(([rule]) => rule.startsWith('crossing-'));

  it('are all refused when the configuration is read', () => {
    let message = '';
    try {
      loadConfigFile(SHUT_DOORS);
    } catch (error) {
      message = String(error);
    }
    expect(rows).toHaveLength(3);
    for (const [, { shows }] of rows) expect(message).toContain(shows);
  });
});

describe('every line of bulkhead on the page', () => {
  const page = readPage('docs/security-model.md');
  const lines = [...page.matchAll(/^\$ bin\/bulkhead (explain|audit) (.*)$/gm)];
  const BAD_USAGE = 2;
  const silent = { out: () => 0, err: () => 0, style: { colour: false, width: 100 } };

  it.each(lines.map(([, command = '', rest = '']) => [command, rest]))(
    '%s %s can be asked',
    async (command, rest) => {
      const words = inCheckout(wordsOf(rest));
      const code =
        command === 'explain' ? await explain(words, silent) : audit(words, { ...silent, colour: false });
      expect(code).not.toBe(BAD_USAGE);
    },
  );

  it('is found', () => expect(lines.length).toBeGreaterThan(25));
});
