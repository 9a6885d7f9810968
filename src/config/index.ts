/**
 * The configuration language of nats-server and the typed options it stands for.
 */
export type * from './options.ts';
