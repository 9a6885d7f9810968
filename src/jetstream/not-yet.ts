import { STREAM_NOT_YET } from './stream-config.ts';

/** What a client can ask of JetStream and this server refuses, in one list for the documentation. */
export const NOT_YET: readonly string[] = [
  ...STREAM_NOT_YET.map((field) => `stream ${field}`),
];
