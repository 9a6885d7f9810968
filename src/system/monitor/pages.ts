import { toBytes } from '../../subjects/index.ts';
import { accountStatz, type StatzOptions, statzAccounts } from './accounts.ts';
import { type AccountzOptions, accountz } from './accountz.ts';
import { type ConnzOptions, connz, connzOfNobody } from './connz.ts';
import { type HealthzOptions, healthz } from './healthz.ts';
import { type JszOptions, jsz } from './jsz.ts';
import { expvarz, gatewayz, ipqueuesz, leafz, NO_RAFT, routez, stacksz } from './nothing-here.ts';
import { ok, type Page, page } from './page-row.ts';
import { bool, inDetail, int, state, subscriptions, text, uint64 } from './query.ts';
import { type RuleszOptions, rulesz } from './rulesz.ts';
import { type SubszOptions, subsz } from './subsz.ts';
import { varz } from './varz.ts';

/** Options of reports on what is not here: read, so that a wrong one is told, and without effect. */
interface EmptyOptions {
  readonly subscriptions?: boolean;
  readonly accounts?: boolean;
  readonly name?: string;
  readonly account?: string;
}

/** The pages about the server and who is on it, in the order of the index. */
const SERVER_PAGES: readonly Page[] = [
  page({
    path: '/varz',
    title: 'Server',
    doc: 'Configuration, use and counters of the server.',
    query: {},
    answer: (server) => ok(varz(server)),
  }),
  page<ConnzOptions>({
    path: '/connz',
    title: 'Connections',
    doc: 'A page of the connections, open or closed, in an order of choice.',
    query: {
      sort: text('sort', 'cid, subs, pending, msgs_to, bytes_from, last, idle, uptime, stop, reason, …'),
      auth: bool('auth'),
      subscriptions: subscriptions('subs'),
      subscriptions_detail: inDetail('subs'),
      offset: int('offset'),
      limit: int('limit'),
      cid: uint64('cid'),
      mqtt_client: text('mqtt_client'),
      state: state('state'),
      user: text('user'),
      acc: text('acc', 'account'),
    },
    examples: ['?subs=1', '?auth=1', '?state=closed', '?sort=bytes_to'],
    answer(server, options) {
      const { acc = '' } = options;
      if (acc === '') return ok(connz(server, server, options, false));
      const account = server.accountNamed(toBytes(acc));
      return ok(
        account === undefined ? connzOfNobody(server, options) : connz(server, account, options, true),
      );
    },
  }),
  page<SubszOptions>({
    path: '/subsz',
    alias: '/subscriptionsz',
    title: 'Subscriptions',
    doc: 'Statistics of the interest in all accounts or one, and a page of the subscriptions.',
    query: {
      subscriptions: bool('subs'),
      offset: int('offset'),
      limit: int('limit'),
      account: text('acc', 'account'),
      test: text('test', 'subject'),
    },
    examples: ['?subs=1', '?subs=1&test=foo.bar'],
    answer(server, options) {
      const { account = '' } = options;
      const all = server.accounts();
      const wanted = account === '' ? all : all.filter(({ name }) => name === toBytes(account));
      return ok(subsz(server, wanted, options));
    },
  }),
  page<JszOptions>({
    path: '/jsz',
    title: 'JetStream',
    doc: 'JetStream of the server, with accounts, streams and consumers where they are asked for.',
    query: {
      account: text('acc', 'account'),
      accounts: bool('accounts'),
      streams: bool('streams'),
      consumer: bool('consumers'),
      direct_consumer: bool('direct-consumers'),
      config: bool('config'),
      leader_only: bool('leader-only'),
      offset: int('offset'),
      limit: int('limit'),
      raft: bool('raft'),
      stream_leader_only: bool('stream-leader-only'),
    },
    examples: ['?accounts=1', '?streams=1', '?consumers=1&config=1'],
    answer: (server, options) => ok(jsz(server, options)),
  }),
  page<HealthzOptions>({
    path: '/healthz',
    title: 'Health',
    doc: 'Whether the server works, and whether a named account, stream or consumer is there.',
    query: {
      'js-enabled': bool('js-enabled'),
      'js-enabled-only': bool('js-enabled-only'),
      'js-server-only': bool('js-server-only'),
      'js-meta-only': bool('js-meta-only'),
      account: text('account'),
      stream: text('stream'),
      consumer: text('consumer'),
      details: bool('details'),
    },
    layout: 'line',
    answer(server, options) {
      const { status_code: code, ...body } = healthz(server, options);
      return { status: Number(code), body };
    },
  }),
];

/** The pages about accounts, and about what they may do. */
const ACCOUNT_PAGES: readonly Page[] = [
  page<AccountzOptions>({
    path: '/accountz',
    title: 'Accounts',
    doc: 'Names of all accounts, or the doors and interest of one.',
    query: { account: text('acc', 'account') },
    answer: (server, options) => ok(accountz(server, options)),
  }),
  page<StatzOptions>({
    path: '/accstatz',
    title: 'Account statistics',
    doc: 'Counters of the accounts that have connections, or of all.',
    query: { include_unused: bool('unused') },
    examples: ['?unused=1'],
    answer: (server, options) => ok(accountStatz(server, statzAccounts(server, options))),
  }),
  page<RuleszOptions>({
    path: '/rulesz',
    title: 'Rules',
    doc: 'How often each rule of the reference monitor allowed and refused, and what it promises.',
    query: { all: bool('all') },
    examples: ['?all=1'],
    answer: (server, options) => ok(rulesz(server, options)),
  }),
];

/** The pages that are there for tools that ask for them: true, and empty. */
const EMPTY_PAGES: readonly Page[] = [
  page<EmptyOptions>({
    path: '/routez',
    title: 'Routes',
    doc: 'Routes to other servers: none.',
    query: { subscriptions: subscriptions('subs') },
    answer: (server) => ok(routez(server)),
  }),
  page<EmptyOptions>({
    path: '/gatewayz',
    title: 'Gateways',
    doc: 'Gateways to other clusters: none.',
    query: { name: text('gw_name'), accounts: bool('accs'), account: text('acc_name') },
    answer: (server) => ok(gatewayz(server)),
  }),
  page<EmptyOptions>({
    path: '/leafz',
    title: 'Leafnodes',
    doc: 'Leafnode connections: none.',
    query: { subscriptions: bool('subs'), account: text('acc', 'account') },
    answer: (server) => ok(leafz(server)),
  }),
  page<EmptyOptions>({
    path: '/ipqueuesz',
    title: 'Queues',
    doc: 'Queues between the parts of the server: none of that kind.',
    query: { accounts: bool('all'), name: text('queues') },
    answer: () => ok(ipqueuesz()),
  }),
  page<EmptyOptions>({
    path: '/raftz',
    title: 'Raft groups',
    doc: 'Groups of servers that agree with each other: none, which is told with status 404.',
    query: { account: text('acc', 'account'), name: text('group') },
    answer: () => ({ status: 404, text: NO_RAFT }),
  }),
  page({
    path: '/stacksz',
    title: 'Stacks',
    doc: 'What the process waits for: how many sockets, timers and so on.',
    query: {},
    answer: (server) => ({ status: 200, text: stacksz(server) }),
  }),
  page({
    path: '/debug/vars',
    title: 'Runtime',
    doc: "The runtime's own statistics of memory; never the command line, which may hold secrets.",
    query: {},
    answer: (server) => ok(expvarz(server)),
  }),
];

/** Every page of monitoring but the index. */
export const PAGES: readonly Page[] = [...SERVER_PAGES, ...ACCOUNT_PAGES, ...EMPTY_PAGES];
