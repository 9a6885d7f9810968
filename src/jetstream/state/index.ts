/** How state becomes bytes and bytes become state: fixtures and backups. */
export { demand, StateError, StateReader } from './reader.ts';
export { PART_BYTES, StateWriter } from './writer.ts';
