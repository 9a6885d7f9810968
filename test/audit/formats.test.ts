import fc from 'fast-check';
import * as Value from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { REPORT_SCHEMA } from '../../src/audit/docs.ts';
import { type AuditReport, audit, type FORMATS, render, SEVERITIES } from '../../src/audit/index.ts';
import { fromTree } from '../../src/config/index.ts';
import { audit as auditFromPackage } from '../../src/index.ts';
import { optionsOf, worlds } from './worlds.ts';

/** What SARIF 2.1.0 asks of the parts that are written. */
interface SarifLog {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] };
    };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly locations: readonly SarifLocation[];
    }[];
  }[];
}

interface SarifLocation {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: { readonly startLine: number; readonly startColumn: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
}

const reports = worlds
  .map(optionsOf)
  .filter((options) => options !== undefined)
  .map((options) =>
    audit(
      { ...options, jetstream: { domain: '', strict: true } },
      { allPaths: true, serverVersion: '2.9.10' },
    ),
  );

const plain = (report: AuditReport, format: (typeof FORMATS)[number]): string =>
  render(report, format, { colour: false });

describe('render', () => {
  it('json holds to the published schema, and nobody disagrees with the guard', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const read: unknown = JSON.parse(plain(report, 'json'));
        expect([...Value.Errors(REPORT_SCHEMA, read)]).toEqual([]);
        expect(report.cut).toEqual([]);
        const sum = SEVERITIES.reduce((total, severity) => total + report.counts[severity], 0);
        expect(sum).toBe(report.findings.length);
      }),
      { numRuns: 40 },
    );
  });

  it('sarif has a rule for every result, and a place in the form it asks for', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const log = JSON.parse(plain(report, 'sarif')) as SarifLog;
        expect(log.version).toBe('2.1.0');
        const [run] = log.runs;
        expect(run?.results.length).toBe(report.findings.length);
        for (const result of run?.results ?? []) {
          expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
          expect(['error', 'warning', 'note']).toContain(result.level);
          expect(result.message.text).not.toBe('');
          for (const { physicalLocation, logicalLocations } of result.locations)
            expect(physicalLocation !== undefined || logicalLocations !== undefined).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('mermaid declares every account and draws each door once', () => {
    fc.assert(
      fc.property(reports, (report) => {
        const lines = plain(report, 'mermaid').trimEnd().split('\n');
        expect(lines[0]).toBe('flowchart LR');
        for (const line of lines.slice(1)) {
          expect(line).toMatch(
            /^ {2}(account\d+\[{1,2}"[^"]*"\]{1,2}|account\d+ (-->|-\.->) door\d+\{\{"[^"]*"\}\} (-->|-\.->) account\d+|account\d+ ==>\|"[^"]*"\| account\d+)$/,
          );
        }
        const doors = lines.flatMap((line) => /(door\d+)\{/.exec(line)?.[1] ?? []);
        expect(new Set(doors).size).toBe(doors.length);
      }),
      { numRuns: 20 },
    );
  });

  it('text has no escape sequence of somebody else, and none at all without colour', () => {
    const { options } = fromTree({
      accounts: {
        'A\x1b[31m': {
          users: [{ user: 'u\x1b]0;title\x07', password: 'x', permissions: { publish: 'a.\x7f.b' } }],
          exports: [{ stream: 'x.\u202e.>' }],
        },
        B: { users: [{ user: 'b' }], imports: [{ stream: { account: 'A\x1b[31m', subject: 'x.\u202e.>' } }] },
      },
    });
    const report = audit(options);
    for (const format of ['text', 'mermaid'] as const)
      expect(plain(report, format)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
    const coloured = render(report, 'text', { colour: true });
    expect(coloured.replace(/\x1b\[[\d;]*m/g, '')).toBe(plain(report, 'text'));
  });
});

describe('audit', () => {
  it('takes text, an object and a file name alike', async () => {
    const text = 'accounts { A { users: [ {user: a, password: b} ] } }';
    const tree = { accounts: { A: { users: [{ user: 'a', password: 'b' }] } } };
    const [fromText, fromObject] = [await auditFromPackage(text), await auditFromPackage(tree)];
    expect(fromText.counts).toEqual(fromObject.counts);
    await expect(auditFromPackage({ configFile: '/nowhere/at/all.conf' })).rejects.toThrow('all.conf');
  });

  it('follows no more ways than it is told, and says so', () => {
    const accounts = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [
        `A${at}`,
        {
          users: [{ user: `u${at}`, password: 'x' }],
          exports: [{ service: `s${at}.>` }],
          imports:
            at === 0 ? [] : [{ service: { account: `A${at - 1}`, subject: `s${at - 1}.>` }, to: `s${at}.>` }],
        },
      ]),
    );
    const { options } = fromTree({ accounts });
    expect(audit(options).cut).toEqual([]);
    const cut = audit(options, { maxPaths: 2 });
    expect(cut.cut.join()).toContain('account A5');
  });
});
