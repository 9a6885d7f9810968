/** Monitoring: plain functions from the view of the server, and options, to JSON-ready objects; and pages made of them. */
export { accountStatz, statzAccounts } from './accounts.ts';
export { accountInfo, accountz } from './accountz.ts';
export { connz, connzOfNobody } from './connz.ts';
export { healthz } from './healthz.ts';
export { accountJsz, jsz } from './jsz.ts';
export { expvarz, gatewayz, ipqueuesz, leafz, profilez, raftz, routez } from './nothing-here.ts';
export { type FoundPage, findPage, type MonitorAnswer, NO_PAGE } from './page-answer.ts';
export { PAGES } from './pages.ts';
export { rulesz } from './rulesz.ts';
export { statsz } from './statsz.ts';
export { subsz } from './subsz.ts';
export { varz } from './varz.ts';
