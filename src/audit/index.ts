/**
 * The auditor: reads a configuration and says everything that crosses a boundary, who can reach what, and what somebody
 * should know about it. It works on sets of subjects (`subject-set.ts`) where the guard decides one subject at a time,
 * and asks the guard of a member of every set that it reports.
 */
export { audit } from './audit.ts';
export { parseVersion } from './findings/versions.ts';
export { FORMATS, type Format, render } from './formats/index.ts';
export type * from './report.ts';
export { REPORT_VERSION, SEVERITIES } from './report.ts';
export { auditConfig } from './source.ts';
