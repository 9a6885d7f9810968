import type { ServerOptions } from '../config/index.ts';
import { type AccessCache, accessOf } from './access.ts';
import { findingsOf } from './findings/index.ts';
import { outflowOf } from './flows.ts';
import {
  type Access,
  type AccountSummary,
  type AuditOptions,
  type AuditReport,
  type Finding,
  type Flow,
  REPORT_VERSION,
  SEVERITIES,
  type Severity,
} from './report.ts';
import { flowsOf } from './report-flows.ts';
import { type Realm, World } from './world.ts';

/** Ways out of one account that are followed, unless the caller says otherwise. */
const MOST_PATHS = 1_000;

/** Finds out everything that crosses a boundary in a configuration, and what somebody should know about it. */
export function audit(options: ServerOptions, how: AuditOptions = {}): AuditReport {
  const world = new World(options);
  const mostPaths = how.maxPaths ?? MOST_PATHS;
  const cut: string[] = [];
  const flows: Flow[] = [];
  const access: Access[] = [];
  const cache: AccessCache = new Map();
  const outflows = world.realms.map((realm) => outflowOf(realm, world, mostPaths));
  for (const outflow of outflows) {
    const { from, streams, isCut } = outflow;
    for (const stream of streams) flows.push(...flowsOf(stream, world, how.allPaths === true, cut));
    access.push(...accessOf(outflow, world, cache));
    if (isCut)
      cut.push(`more than ${mostPaths} ways lead out of account ${from.text}: the others were not followed`);
  }
  const findings = findingsOf({ world, outflows, access }, how);
  return {
    version: REPORT_VERSION,
    ...(how.serverVersion === undefined ? {} : { serverVersion: how.serverVersion }),
    accounts: world.realms.map(summaryOf),
    flows,
    access,
    findings,
    counts: countsOf(findings),
    cut,
  };
}

function summaryOf(realm: Realm): AccountSummary {
  return {
    name: realm.text,
    kind: realm.kind,
    users: realm.people.reduce((sum, { persons }) => sum + persons.length, 0),
    jetstream: realm.hasJetStream,
    exports: realm.options?.exports.length ?? 0,
    imports: realm.options?.imports.length ?? 0,
    ...(realm.at === undefined ? {} : { at: realm.at }),
  };
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>;
  for (const { severity } of findings) counts[severity]++;
  return counts;
}
