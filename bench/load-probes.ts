import { createUser } from '@nats-io/nkeys';
import { CONFIGS, nkeyConfig, type Place } from './configs.ts';
import { runLoad } from './measure.ts';
import { type Figure, type Found, type Probe, type Setting, scaled } from './probe.ts';
import { type Server, withServer } from './server.ts';

const BYTES_EACH: Figure = { key: 'bytesEach', what: 'memory each', unit: 'bytes', better: 'less' };
const RATE: Figure = { key: 'perSecond', what: 'in a second', unit: '/s', better: 'more' };
const LOGIN_FIGURES: readonly Figure[] = [
  RATE,
  { key: 'cpuUsEach', what: 'server CPU each', unit: 'µs', better: 'less' },
];
const STORM_FIGURES: readonly Figure[] = [
  { key: 'calmP50Us', what: 'latency before, median', unit: 'µs', better: 'less' },
  { key: 'calmP99Us', what: 'latency before, 99%', unit: 'µs', better: 'less' },
  { key: 'p50Us', what: 'latency meanwhile, median', unit: 'µs', better: 'less' },
  { key: 'p99Us', what: 'latency meanwhile, 99%', unit: 'µs', better: 'less' },
  { key: 'maxUs', what: 'latency meanwhile, longest', unit: 'µs', better: 'less' },
  { key: 'loginsPerSecond', what: 'logins in a second', unit: '/s', better: 'more' },
];

/** How somebody may log in, and how many do so in a measurement. */
const LOGINS = [
  { kind: 'none', logins: 5_000, storm: undefined },
  { kind: 'password', logins: 5_000, storm: 10_000 },
  { kind: 'bcrypt', logins: 40, storm: 60 },
  { kind: 'nkey', logins: 3_000, storm: 10_000 },
  { kind: 'tls', logins: 1_000, storm: undefined },
] as const;

type LoginKind = (typeof LOGINS)[number]['kind'];

/** Probes that the load generator takes, by the name it has for them. */
export const LOAD_PROBES: readonly Probe[] = [
  simple('idle-connections', 'idle', 10_000, [BYTES_EACH]),
  simple('subscriptions', 'subscriptions', 1_000_000, [
    BYTES_EACH,
    RATE,
    { key: 'cpuNsEach', what: 'server CPU each', unit: 'ns', better: 'less' },
  ]),
  simple('stored-messages', 'stored', 500_000, [BYTES_EACH]),
  ...LOGINS.map(({ kind, logins }) => loginProbe(`logins-${kind}`, 'logins', kind, logins, LOGIN_FIGURES)),
  ...LOGINS.flatMap(({ kind, storm }) =>
    storm === undefined ? [] : [loginProbe(`storm-${kind}`, 'storm', kind, storm, STORM_FIGURES)],
  ),
];

/** A probe that the load generator takes on a fresh server. */
export function simple(name: string, probe: string, count: number, figures: readonly Figure[]): Probe {
  return {
    name,
    figures,
    turns: 1,
    run: ({ tools, template, ...rest }) =>
      withServer({ taskset: tools.taskset, template }, (server) =>
        ask({ tools, template, ...rest }, server, ['-probe', probe], count),
      ),
  };
}

function loginProbe(
  name: string,
  probe: string,
  kind: LoginKind,
  count: number,
  figures: readonly Figure[],
): Probe {
  return {
    name,
    figures,
    turns: 1,
    run: (setting) => {
      const { config, args } = loginOf(kind);
      const { tools, template } = setting;
      const plan = {
        taskset: tools.taskset,
        template,
        config,
        loadgen: kind === 'tls' ? tools.loadgen : undefined,
      };
      return withServer(plan, (server) => ask(setting, server, ['-probe', probe, ...args(server)], count));
    },
  };
}

/** What the server is told and what the load generator is told for one kind of login. */
function loginOf(kind: LoginKind): {
  config: ((place: Place) => string) | undefined;
  args: (server: Server) => string[];
} {
  const visitor = ({ port }: Server): string[] => [
    ...['-url', `nats://steady:plain@127.0.0.1:${port}`],
    ...['-receiver-url', `nats://visitor:secret@127.0.0.1:${port}`],
  ];
  switch (kind) {
    case 'none':
      return { config: undefined, args: () => ['-login', 'none'] };
    case 'tls':
      return { config: CONFIGS.tls, args: () => ['-login', 'tls'] };
    case 'password':
    case 'bcrypt':
      return { config: CONFIGS[kind], args: (server) => ['-login', 'password', ...visitor(server)] };
    case 'nkey': {
      const pair = createUser();
      const seed = Buffer.from(pair.getSeed()).toString();
      return {
        config: () => nkeyConfig(pair.getPublicKey()),
        args: (server) => ['-login', 'nkey', '-seed', seed, ...visitor(server)],
      };
    }
  }
}

async function ask(setting: Setting, server: Server, args: readonly string[], count: number): Promise<Found> {
  const output = await runLoad(setting.tools, server, [
    ...['-url', `nats://127.0.0.1:${server.port}`],
    ...['-messages', String(scaled(setting, count))],
    ...args,
  ]);
  return JSON.parse(output) as Found;
}
