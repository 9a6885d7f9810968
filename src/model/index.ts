/**
 * The executable model of the boundaries: who observes a message, told with naive loops over lists. It shares no code
 * with the server, only the types of its configuration, so that the two can disagree.
 */
export { BoundaryModel, type Interest, type Outcome } from './boundary.ts';
export { covers, matchesSubject, meets } from './patterns.ts';
