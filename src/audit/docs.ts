/** What the documentation and the published schema are written from. Nothing that runs with the program imports this. */
export { ADVISORIES } from './findings/advisory-table.ts';
export { FINDING_RULES, type FindingRule } from './findings/rules.ts';
export { REPORT_SCHEMA, renderAuditSchema } from './schema.ts';
