import { toBytes, toText } from '../subjects/index.ts';
import { accountStat, accountStatz, STATZ_OPTIONS, statzAccounts } from './monitor/accounts.ts';
import { accountInfo } from './monitor/accountz.ts';
import { CONNZ_OPTIONS, connz, connzOfNobody } from './monitor/connz.ts';
import { accountJsz, JSZ_OPTIONS } from './monitor/jsz.ts';
import { leafz } from './monitor/nothing-here.ts';
import { countSubscribers } from './monitor/subscribers.ts';
import { SUBSZ_OPTIONS, subsz } from './monitor/subsz.ts';
import { jsonOptions, payloadIgnored, plainOptions, textRequest } from './request-options.ts';
import { type Service, SILENT, service } from './service.ts';
import { userInfo } from './user-info.ts';

const PAGE_FAULT = 'GHSA-q59r-vq66-pxc2';
const STATZ_REQUEST = jsonOptions('AccountStatzEventOptions', 'AccountStatzOptions', STATZ_OPTIONS);

/**
 * The services about one account. Which one is said by the subject alone; what a body says of accounts is not looked
 * at. Tenants reach those that the system account exports, and each of them under its own name.
 */
export const ACCOUNT_SERVICES: readonly Service[] = [
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.CONNZ',
    scope: 'named-account',
    request: jsonOptions('ConnzEventOptions', 'ConnzOptions', CONNZ_OPTIONS),
    answer: 'data',
    doc: 'Connections of one account. Tenants ask for their own as `$SYS.REQ.SERVER.PING.CONNZ`.',
    advisories: [PAGE_FAULT],
    effect: 'full',
    handle: ({ house, account }, { options }) =>
      account === undefined ? connzOfNobody(house, options) : connz(house, account, options, true),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.SUBSZ',
    scope: 'named-account',
    request: jsonOptions('SubszEventOptions', 'SubszOptions', SUBSZ_OPTIONS),
    answer: 'data',
    doc: 'Subscriptions of one account, always with the list.',
    advisories: [PAGE_FAULT],
    effect: 'full',
    handle: ({ house, account }, { options }) =>
      subsz(house, account === undefined ? [] : [account], options, true),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.LEAFZ',
    scope: 'named-account',
    request: jsonOptions('LeafzEventOptions', 'LeafzOptions', { subscriptions: 'bool', account: 'string' }),
    answer: 'data',
    doc: 'Leafnode connections of one account: none.',
    effect: 'none',
    handle: ({ house }) => leafz(house),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.JSZ',
    scope: 'named-account',
    request: jsonOptions('JszEventOptions', 'JSzOptions', JSZ_OPTIONS),
    answer: 'data',
    doc: 'JetStream of one account.',
    effect: 'full',
    handle: ({ house, account }, { tokens, options }) =>
      accountJsz(house, toText(tokens.account), account, options),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.INFO',
    scope: 'named-account',
    request: jsonOptions('AccInfoEventOptions', '', {}),
    answer: 'data',
    doc: 'Doors, mappings and interest of one account.',
    effect: 'full',
    handle: ({ account }, { tokens }) => accountInfo(toText(tokens.account), account),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.STATZ',
    scope: 'named-account',
    request: STATZ_REQUEST,
    answer: 'data',
    doc: 'Counters of one account; silent without connections unless `include_unused`.',
    effect: 'full',
    handle: ({ house, account }, { options }) =>
      account === undefined || (account.connectionCount === 0 && options.include_unused !== true)
        ? SILENT
        : accountStatz(house, [account]),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.<account>.CONNS',
    scope: 'named-account',
    request: plainOptions('accNumConnsReq', { acc: 'string' }, false),
    badRequest: 'silent',
    answer: 'connections-event',
    doc: 'The event about the connections of one account, now; silent without connections.',
    effect: 'full',
    handle: ({ account }) =>
      account === undefined || account.connectionCount === 0 ? SILENT : accountStat(account),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.PING.STATZ',
    scope: 'system',
    request: STATZ_REQUEST,
    answer: 'data',
    doc: 'Counters of the accounts with connections, or of those that are named.',
    effect: 'full',
    handle: ({ server }, { options }) => accountStatz(server, statzAccounts(server, options)),
  }),
  service({
    subject: '$SYS.REQ.ACCOUNT.NSUBS',
    scope: 'system',
    request: plainOptions('accNumSubsReq', { acc: 'string', subject: 'string', queue: 'string' }),
    badRequest: 'silent',
    answer: 'number',
    doc: 'How many subscriptions of an account a subject reaches; silent for queue groups and unknown accounts.',
    effect: 'full',
    handle({ server }, { options }) {
      const { acc = '', subject = '', queue = '' } = options;
      const account = server.accountNamed(toBytes(acc));
      if (account === undefined || subject === '' || queue !== '') return SILENT;
      return countSubscribers(account, toBytes(subject), toBytes(''));
    },
  }),
  service({
    subject: '$SYS.DEBUG.SUBSCRIBERS',
    scope: 'account',
    request: textRequest(),
    answer: 'number',
    doc: 'How many subscriptions of the account that asks a subject reaches, in a queue group where one is named.',
    effect: 'full',
    handle({ account }, { text }) {
      const [subject = '', queue = ''] = text.split(/[ \t]+/);
      return account === undefined ? 0 : countSubscribers(account, toBytesOf(subject), toBytesOf(queue));
    },
  }),
  service({
    subject: '$SYS.REQ.USER.INFO',
    scope: 'account',
    request: payloadIgnored(),
    answer: 'data',
    doc: 'Who asks: user, account, permissions in force.',
    effect: 'full',
    handle: ({ caller }) => userInfo(caller.principal),
  }),
  service({
    subject: '$SYS.REQ.USER.<account>.INFO',
    scope: 'named-account',
    request: payloadIgnored(),
    answer: 'data',
    doc: 'What `$SYS.REQ.USER.INFO` of a tenant becomes; empty for who asks in the system account itself.',
    effect: 'full',
    handle: ({ asker }) => (asker === undefined ? { user: '', account: '' } : userInfo(asker)),
  }),
];

/** The parts of a text request are byte strings already. */
function toBytesOf(part: string): ReturnType<typeof toBytes> {
  return part as ReturnType<typeof toBytes>;
}
