import { toBytes } from '../subjects/index.ts';
import { ACCOUNTZ_OPTIONS, accountz } from './monitor/accountz.ts';
import { CONNZ_OPTIONS, connz, connzOfNobody } from './monitor/connz.ts';
import { HEALTHZ_OPTIONS, healthz } from './monitor/healthz.ts';
import { JSZ_OPTIONS, jsz } from './monitor/jsz.ts';
import { expvarz, gatewayz, ipqueuesz, leafz, profilez, raftz, routez } from './monitor/nothing-here.ts';
import { statsz } from './monitor/statsz.ts';
import { SUBSZ_OPTIONS, subsz } from './monitor/subsz.ts';
import { varz } from './monitor/varz.ts';
import { jsonOptions, payloadIgnored } from './request-options.ts';
import { onServer, type Service, service } from './service.ts';

const STATSZ_REQUEST = jsonOptions('StatszEventOptions', '', {});
const PAGE_FAULT = 'GHSA-q59r-vq66-pxc2';

/** The services about the server as a whole. */
export const SERVER_SERVICES: readonly Service[] = [
  service({
    subject: '$SYS.REQ.SERVER.PING',
    scope: 'system',
    request: STATSZ_REQUEST,
    answer: 'statsz',
    doc: 'The older name of STATSZ.',
    effect: 'full',
    handle: ({ server }) => statsz(server),
  }),
  ...onServer('STATSZ', {
    request: STATSZ_REQUEST,
    answer: 'statsz',
    doc: 'Short statistics of the server. Every request is answered at once.',
    effect: 'full',
    handle: ({ server }) => statsz(server),
  }),
  ...onServer('IDZ', {
    request: payloadIgnored(),
    answer: 'bare',
    doc: 'Name, host and id of the server, without an envelope.',
    effect: 'full',
    handle: ({ server }) => ({ name: server.name, host: server.host, id: server.id }),
  }),
  ...onServer('VARZ', {
    request: jsonOptions('VarzEventOptions', 'VarzOptions', {}),
    answer: 'data',
    doc: 'Configuration, use and counters of the server.',
    effect: 'full',
    handle: ({ server }) => varz(server),
  }),
  ...onServer('SUBSZ', {
    request: jsonOptions('SubszEventOptions', 'SubszOptions', SUBSZ_OPTIONS),
    answer: 'data',
    doc: 'Subscriptions of all accounts, or of one: statistics, and a page of the list.',
    advisories: [PAGE_FAULT],
    effect: 'full',
    handle({ server }, { options }) {
      const { account = '' } = options;
      const all = server.accounts();
      return subsz(
        server,
        account === '' ? all : all.filter(({ name }) => name === toBytes(account)),
        options,
      );
    },
  }),
  ...onServer('CONNZ', {
    request: jsonOptions('ConnzEventOptions', 'ConnzOptions', CONNZ_OPTIONS),
    answer: 'data',
    doc: 'Connections of all accounts, or of one: a page of the list in an order of choice.',
    advisories: [PAGE_FAULT],
    effect: 'full',
    handle({ server }, { options }) {
      const { acc = '' } = options;
      if (acc === '') return connz(server, server, options, false);
      const account = server.accountNamed(toBytes(acc));
      return account === undefined ? connzOfNobody(server, options) : connz(server, account, options, true);
    },
  }),
  ...onServer('ROUTEZ', {
    request: jsonOptions('RoutezEventOptions', 'RoutezOptions', {
      subscriptions: 'bool',
      subscriptions_detail: 'bool',
    }),
    answer: 'data',
    doc: 'Routes to other servers: none.',
    effect: 'none',
    handle: ({ server }) => routez(server),
  }),
  ...onServer('GATEWAYZ', {
    request: jsonOptions('GatewayzEventOptions', 'GatewayzOptions', {
      name: 'string',
      accounts: 'bool',
      account_name: 'string',
      subscriptions: 'bool',
      subscriptions_detail: 'bool',
    }),
    answer: 'data',
    doc: 'Gateways to other clusters: none.',
    effect: 'none',
    handle: ({ server }) => gatewayz(server),
  }),
  ...onServer('LEAFZ', {
    request: jsonOptions('LeafzEventOptions', 'LeafzOptions', { subscriptions: 'bool', account: 'string' }),
    answer: 'data',
    doc: 'Leafnode connections: none.',
    effect: 'none',
    handle: ({ server }) => leafz(server),
  }),
  ...onServer('ACCOUNTZ', {
    request: jsonOptions('AccountzEventOptions', 'AccountzOptions', ACCOUNTZ_OPTIONS),
    answer: 'data',
    doc: 'Names of all accounts, or the doors and interest of one.',
    effect: 'full',
    handle: ({ server }, { options }) => accountz(server, options),
  }),
  ...onServer('JSZ', {
    request: jsonOptions('JszEventOptions', 'JSzOptions', JSZ_OPTIONS),
    answer: 'data',
    doc: 'JetStream of the server, with accounts, streams and consumers where they are asked for.',
    advisories: [PAGE_FAULT],
    effect: 'full',
    handle: ({ server }, { options }) => jsz(server, options),
  }),
  ...onServer('HEALTHZ', {
    request: jsonOptions('HealthzEventOptions', 'HealthzOptions', HEALTHZ_OPTIONS),
    answer: 'data',
    doc: 'Whether the server works, and whether a named account, stream or consumer is there.',
    effect: 'full',
    handle: ({ server }, { options }) => healthz(server, options),
  }),
  ...onServer('EXPVARZ', {
    request: jsonOptions('ExpvarzEventOptions', '', {}),
    answer: 'data',
    doc: "The runtime's own statistics of memory; never the command line, which may hold secrets.",
    advisories: ['CVE-2026-33247'],
    effect: 'full',
    handle: ({ server }) => expvarz(server),
  }),
  ...onServer('IPQUEUESZ', {
    request: jsonOptions('IpqueueszEventOptions', 'IpqueueszOptions', { all: 'bool', filter: 'string' }),
    answer: 'data',
    doc: 'Queues between the parts of the server: none of that kind.',
    effect: 'none',
    handle: () => ipqueuesz(),
  }),
  ...onServer('RAFTZ', {
    request: jsonOptions('RaftzEventOptions', 'RaftzOptions', { account: 'string', group: 'string' }),
    answer: 'data',
    doc: 'Groups that agree on a state: none on one server.',
    effect: 'none',
    handle: () => raftz(),
  }),
  ...onServer('PROFILEZ', {
    request: jsonOptions('ProfilezEventOptions', 'ProfilezOptions', {
      name: 'string',
      debug: 'int',
      duration: 'duration',
    }),
    answer: 'data',
    doc: 'Profiles of the runtime: there are none to be had over the wire.',
    effect: 'none',
    handle: (_, { options }) => profilez(options.name),
  }),
];
