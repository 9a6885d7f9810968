/** Monitoring: plain functions from the view of the server, and options, to JSON-ready objects. */
export { accountStatz, statzAccounts } from './accounts.ts';
export { accountInfo, accountz } from './accountz.ts';
export { connz, connzOfNobody } from './connz.ts';
export { healthz } from './healthz.ts';
export { accountJsz, jsz } from './jsz.ts';
export { expvarz, gatewayz, ipqueuesz, leafz, profilez, raftz, routez } from './nothing-here.ts';
export { statsz } from './statsz.ts';
export { subsz } from './subsz.ts';
export { varz } from './varz.ts';
