import { type AuditOptions, type Finding, SEVERITIES } from '../report.ts';
import { advisoryFindings } from './advisories.ts';
import { aroundFindings } from './around.ts';
import { doorFindings } from './doors.ts';
import type { Findable } from './draft.ts';
import { entranceFindings } from './entrance.ts';
import { permissionFindings } from './permissions.ts';
import { sharingFindings } from './sharing.ts';
import { systemFindings } from './system.ts';

/** Everything that somebody should know about a configuration, the worst first. */
export function findingsOf(found: Findable, how: AuditOptions): Finding[] {
  const findings = [
    ...entranceFindings(found),
    ...systemFindings(found),
    ...aroundFindings(found),
    ...permissionFindings(found),
    ...sharingFindings(found),
    ...doorFindings(found),
    ...(how.serverVersion === undefined ? [] : advisoryFindings(found, how.serverVersion, how.keys ?? [])),
  ];
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}
