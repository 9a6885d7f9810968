/**
 * The executable model of the boundaries: who observes a message, over which doors and under which names, told with
 * naive loops over lists. It shares no code with the server, so that the two can disagree.
 */
export {
  BoundaryModel,
  type Delivery,
  type Interest,
  type Outcome,
  type Publication,
  WAY,
} from './boundary.ts';
export { influence, messageReach, type Reach } from './paths.ts';
export { covers, matchesSubject, meets } from './patterns.ts';
export { localPattern, possibleTargets, toLocal, toRemote } from './renaming.ts';
export type { Rights, Side } from './rights.ts';
export { formsCycle, type Offer, offerFor, type Redirect, type Taking, type Tenant } from './topology.ts';
