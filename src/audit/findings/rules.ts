import type { Severity } from '../report.ts';

/** A kind of finding. */
export interface FindingRule {
  readonly severity: Severity;
  readonly title: string;
  readonly remedy: string;
  /** A rule of the guard, an advisory, or where it was measured. */
  readonly reference: string;
}

const MEASURED = 'measured on nats-server 2.14.5';

/** Every kind of finding there is, advisories aside. */
export const FINDING_RULES = {
  'guest-in-system-account': {
    severity: 'critical',
    title: 'Whoever connects becomes a user of the system account',
    remedy: 'Name a user of an ordinary account in no_auth_user, or none.',
    reference: 'connect-guest',
  },
  'no-authorization': {
    severity: 'high',
    title: 'Nobody has to log in',
    remedy: 'Configure users, nkeys or a token.',
    reference: 'connect-open',
  },
  'open-beside-system-account': {
    severity: 'high',
    title: 'Everybody gets into the global account, because only the system account has users',
    remedy: 'Declare an authorization block or accounts with users.',
    reference: 'CVE-2023-47090',
  },
  'guest-unrestricted': {
    severity: 'high',
    title: 'Whoever connects without credentials has all rights of an account',
    remedy: 'Give the user of no_auth_user permissions with short allow lists.',
    reference: 'connect-guest',
  },
  'guest-rights': {
    severity: 'medium',
    title: 'What somebody without credentials can do',
    remedy: 'Check that everybody who reaches the port may do this.',
    reference: 'connect-guest',
  },
  'empty-password': {
    severity: 'high',
    title: 'A user without password',
    remedy: 'Set a bcrypt hash as password, or use an nkey.',
    reference: 'connect-credentials',
  },
  'plain-secret': {
    severity: 'medium',
    title: 'A password or token in plain text',
    remedy: 'Use nkeys, or bcrypt hashes of passwords and tokens.',
    reference: 'connect-credentials',
  },
  'weak-hash': {
    severity: 'low',
    title: 'A bcrypt hash that is cheap to guess at',
    remedy: 'Hash the password again with a cost of at least 10.',
    reference: 'connect-credentials',
  },
  'exports-jetstream-api': {
    severity: 'high',
    title: 'Other accounts administer the streams of an account',
    remedy: 'Export the few $JS.API subjects that are needed, to named accounts.',
    reference: 'CVE-2025-30215',
  },
  'exports-jetstream-read': {
    severity: 'low',
    title: 'Other accounts use the JetStream of an account',
    remedy: 'Check that the importing accounts may read these streams.',
    reference: 'CVE-2025-30215',
  },
  'singleton-pull': {
    severity: 'high',
    title: 'Messages are lost: a pull that may get only one answer',
    remedy: 'Write response_type: stream at the export.',
    reference: MEASURED,
  },
  'system-users': {
    severity: 'info',
    title: 'Users with system reach',
    remedy: 'Check that these people administer the whole server.',
    reference: 'scope-system-account',
  },
  'imports-from-system': {
    severity: 'medium',
    title: 'A tenant imports from the system account',
    remedy: 'Take the import out unless the tenant administers the server.',
    reference: 'crossing-imported',
  },
  'system-exports': {
    severity: 'medium',
    title: 'The system account exports more than it does by itself',
    remedy: 'Name the accounts that may import it, or take it out.',
    reference: 'crossing-imported',
  },
  'reads-inboxes': {
    severity: 'medium',
    title: "Users read what others' requests are answered",
    remedy: 'Give each user an inbox prefix of its own and allow only that.',
    reference: 'subscribe-allowed',
  },
  'acknowledges-for-others': {
    severity: 'medium',
    title: 'Users acknowledge messages that others were delivered',
    remedy: 'Allow $JS.ACK.<stream>.<consumer>.> of the own consumers only.',
    reference: 'publish-allowed',
  },
  'reads-answers': {
    severity: 'low',
    title: 'Users of an exporting account read the answers that others give',
    remedy: 'Deny subscriptions to _R_.> to all users of the exporting account.',
    reference: 'crossing-response',
  },
  'takes-requests': {
    severity: 'info',
    title: 'Users who receive the requests of other accounts and may answer them',
    remedy: 'Allow the subject of the service to the users who provide it only.',
    reference: 'crossing-response',
  },
  'deny-led-around': {
    severity: 'high',
    title: 'A denied subject can be had under another name',
    remedy: 'Deny the other name too, or take one of the two imports out.',
    reference: 'publish-denied',
  },
  'deny-before-mapping': {
    severity: 'medium',
    title: 'A deny on the source of a mapping stops nothing',
    remedy: 'Deny what the mapping leads to: permissions are checked behind it.',
    reference: 'publish-denied',
  },
  'deny-one-level': {
    severity: 'medium',
    title: 'A deny of one level, while deeper subjects are allowed',
    remedy: 'End the deny with > if everything below is meant.',
    reference: 'deliver-denied',
  },
  'deny-without-parent': {
    severity: 'low',
    title: 'A deny of everything below a subject that is itself allowed',
    remedy: 'Deny the subject itself too if it is meant.',
    reference: 'deliver-denied',
  },
  'deny-queue-only': {
    severity: 'medium',
    title: 'A deny that speaks of a queue group, while others may subscribe',
    remedy: 'Leave the queue name out if the subject is meant.',
    reference: 'GHSA-jx8g-9g95-6322',
  },
  'dead-allow': {
    severity: 'low',
    title: 'An allow that the denies take back completely',
    remedy: 'Take out the allow, or the deny.',
    reference: 'publish-denied',
  },
  'idle-deny': {
    severity: 'info',
    title: 'A deny of what is not allowed anyway',
    remedy: 'Take it out, or check whether its subject is misspelt.',
    reference: 'publish-not-allowed',
  },
  'allow-mapped-away': {
    severity: 'low',
    title: 'An allow of a subject that mappings lead elsewhere',
    remedy: 'Allow what the mapping leads to.',
    reference: MEASURED,
  },
  'door-mapped-away': {
    severity: 'low',
    title: 'An import that mappings lead past',
    remedy: 'Check the mapping: what is published never has the imported subject.',
    reference: MEASURED,
  },
  'dead-import': {
    severity: 'medium',
    title: 'An import of something that is not offered',
    remedy: 'Export it to this account, or take the import out.',
    reference: 'crossing-not-exported',
  },
  'import-nobody-uses': {
    severity: 'low',
    title: 'An import that no user has the rights to use',
    remedy: 'Allow the local subject to somebody, or take the import out.',
    reference: 'publish-not-allowed',
  },
  'service-nobody-answers': {
    severity: 'medium',
    title: 'A service whose requests nobody may receive or answer',
    remedy: 'Allow the subject to the providers, and allow_responses.',
    reference: 'publish-response',
  },
  'unused-export': {
    severity: 'info',
    title: 'An export that nobody imports',
    remedy: 'Take it out if nobody is going to.',
    reference: 'crossing-imported',
  },
  'private-unused': {
    severity: 'low',
    title: 'An export to an account that does not import it',
    remedy: 'Take the account out of the list.',
    reference: 'crossing-private',
  },
  'double-delivery': {
    severity: 'medium',
    title: 'Messages arrive more than once: imports overlap',
    remedy: 'Narrow one of the imports.',
    reference: MEASURED,
  },
  'request-goes-twice': {
    severity: 'medium',
    title: 'Requests go to more than one service: imports overlap',
    remedy: 'Give one of the imports another local subject.',
    reference: MEASURED,
  },
  'unlimited-responses': {
    severity: 'low',
    title: 'The right to answer has no end',
    remedy: 'Set max and expires of allow_responses.',
    reference: 'publish-response',
  },
  'no-default-permissions': {
    severity: 'low',
    title: 'Some users of an account are restricted, the others are not at all',
    remedy: 'Set default_permissions, which users without their own get.',
    reference: 'publish-unrestricted',
  },
} as const satisfies Record<string, FindingRule>;

export type FindingId = keyof typeof FINDING_RULES;
