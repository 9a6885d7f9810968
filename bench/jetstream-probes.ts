import { simple } from './load-probes.ts';
import type { Figure, Probe } from './probe.ts';

function ms(key: string, what: string): Figure {
  return { key, what, unit: 'ms', better: 'less' };
}

const BYTES_EACH: Figure = { key: 'bytesEach', what: 'memory each', unit: 'bytes', better: 'less' };
const STALL = ms('stallMs', 'longest a PONG on another connection took meanwhile');

/** What many streams, a long stream and many subjects cost. The load generator takes them. */
export const JETSTREAM_PROBES: readonly Probe[] = [
  simple('js-streams', 'streams', 10_000, [
    BYTES_EACH,
    { key: 'perSecond', what: 'created in a second, with a consumer', unit: '/s', better: 'more' },
    { key: 'cpuUsEach', what: 'server CPU each', unit: 'µs', better: 'less' },
    ms('listMs', 'names of all of them'),
  ]),
  simple('js-long', 'long', 10_000_000, [
    BYTES_EACH,
    ms('infoMs', 'STREAM.INFO'),
    ms('lastMs', 'last message of a wildcard'),
    ms('consumerMs', 'create a consumer with a filter'),
    ms('halfMs', 'purge of one of two subjects'),
    ms('restMs', 'purge of the rest'),
    STALL,
  ]),
  simple('js-keys', 'keys', 1_000_000, [
    BYTES_EACH,
    { key: 'newUs', what: 'server CPU of a new subject', unit: 'µs', better: 'less' },
    { key: 'againUs', what: 'server CPU of a message that replaces one', unit: 'µs', better: 'less' },
    ms('consumerMs', 'create a consumer for the last of each of 10,000'),
    ms('lastMs', 'last message of a wildcard'),
    STALL,
  ]),
];
