import manifest from '../package.json' with { type: 'json' };

/** Bulkhead's own version. */
export const BULKHEAD_VERSION: string = manifest.version;

/** The version of nats-server whose behaviour this server has; clients gate features on it. */
export const NATS_VERSION = '2.14.5';
