import type { Position } from '../../config/index.ts';
import { BULKHEAD_VERSION } from '../../version.ts';
import { FINDING_RULES, type FindingRule } from '../findings/rules.ts';
import type { AuditReport, Finding, Severity } from '../report.ts';
import { titleOf } from './text.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** Scores by which viewers that know CVSS sort. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

/** The findings as SARIF 2.1.0, which code hosts and editors show at their lines. */
export function renderSarif({ findings }: AuditReport): string {
  const rules = rulesOf(findings);
  const index = new Map(rules.map(({ id }, at) => [id, at]));
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'bulkhead-audit', semanticVersion: BULKHEAD_VERSION, rules } },
        columnKind: 'unicodeCodePoints',
        results: findings.map((finding) => ({
          ruleId: finding.id,
          ruleIndex: index.get(finding.id),
          level: LEVELS[finding.severity],
          message: { text: `${finding.message} ${finding.remedy}` },
          locations: finding.at.slice(0, 1).map(locationOf),
          relatedLocations: finding.at.slice(1).map(locationOf),
          properties: {
            severity: finding.severity,
            reference: finding.reference,
            ...(finding.account === undefined ? {} : { account: finding.account }),
            ...(finding.user === undefined ? {} : { user: finding.user }),
          },
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** The kinds of findings that occur, once each. */
function rulesOf(findings: readonly Finding[]) {
  const first = new Map<string, Finding>();
  for (const finding of findings) if (!first.has(finding.id)) first.set(finding.id, finding);
  return [...first.values()].map((finding) => {
    const rule: FindingRule | undefined = Object.hasOwn(FINDING_RULES, finding.id)
      ? FINDING_RULES[finding.id as keyof typeof FINDING_RULES]
      : undefined;
    const severity = rule?.severity ?? finding.severity;
    return {
      id: finding.id,
      shortDescription: { text: titleOf(finding) },
      help: { text: finding.remedy },
      defaultConfiguration: { level: LEVELS[severity] },
      properties: { 'security-severity': SCORES[severity], reference: finding.reference },
    };
  });
}

function locationOf({ file, line, column, path }: Position) {
  if (path !== undefined) return { logicalLocations: [{ fullyQualifiedName: path }] };
  const region = line > 0 ? { region: { startLine: line, startColumn: Math.max(1, column) } } : {};
  return { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, ...region } };
}
