/**
 * The advisory lab: one file per historical hole, with the configuration it lived in, how it was used, and what shows
 * whether it is open. A control is turned off only through the explicit lab option, and only on loopback.
 */
export type { Advisory, Observation, Step } from './advisory.ts';
export { CVE_2025_30215 } from './cve-2025-30215.ts';
