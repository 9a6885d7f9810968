import { runLoad } from './measure.ts';
import type { Figure, Found, Probe, Setting } from './probe.ts';
import { scaled } from './probe.ts';
import { withServer } from './server.ts';

function ms(key: string, what: string): Figure {
  return { key, what, unit: 'ms', better: 'less' };
}

const BYTES_EACH: Figure = { key: 'bytesEach', what: 'memory each', unit: 'bytes', better: 'less' };
const STALL = ms('stallMs', 'longest a PONG on another connection took meanwhile');

/** What many streams, a long stream and many subjects cost. The load generator takes them. */
export const JETSTREAM_PROBES: readonly Probe[] = [
  probe('streams', 100_000, [
    BYTES_EACH,
    { key: 'perSecond', what: 'created in a second, with a consumer', unit: '/s', better: 'more' },
    { key: 'cpuUsEach', what: 'server CPU each', unit: 'µs', better: 'less' },
    ms('listMs', 'names of all of them'),
  ]),
  probe('long', 10_000_000, [
    BYTES_EACH,
    ms('infoMs', 'STREAM.INFO'),
    ms('lastMs', 'last message of a wildcard'),
    ms('consumerMs', 'create a consumer with a filter'),
    ms('halfMs', 'purge of one of two subjects'),
    ms('restMs', 'purge of the rest'),
    STALL,
  ]),
  probe('keys', 1_000_000, [
    BYTES_EACH,
    { key: 'newUs', what: 'server CPU of a new subject', unit: 'µs', better: 'less' },
    { key: 'againUs', what: 'server CPU of a message that replaces one', unit: 'µs', better: 'less' },
    ms('consumerMs', 'create a consumer for the last of each of 10,000'),
    ms('lastMs', 'last message of a wildcard'),
    STALL,
  ]),
];

function probe(name: string, count: number, figures: readonly Figure[]): Probe {
  return { name: `js-${name}`, figures, turns: 1, run: (setting) => take(setting, name, count) };
}

function take(setting: Setting, name: string, count: number): Promise<Found> {
  const { tools, template } = setting;
  return withServer({ taskset: tools.taskset, template }, async (server) => {
    const args = ['-probe', name, '-messages', String(scaled(setting, count))];
    return JSON.parse(await runLoad(tools, server, args)) as Found;
  });
}
