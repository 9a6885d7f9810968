/**
 * Every rule of the reference monitor: what it promises in one sentence, and where it comes from. docs/security-model.md
 * is generated from this table.
 */
export interface Rule {
  /** Which decision it belongs to. */
  readonly decision: 'connect' | 'publish' | 'subscribe' | 'deliver' | 'crossing' | 'scope';
  /** The outcome when this rule decides. */
  readonly outcome: 'allow' | 'refuse';
  readonly promise: string;
  /** Advisory, document or measurement. */
  readonly source: string;
}

const MEASURED = 'measured on 2.14.5';
const SEED = 'CVE-2025-30215';

export const RULES = {
  'connect-credentials': {
    decision: 'connect',
    outcome: 'allow',
    promise: 'The account of a connection follows from its credentials alone.',
    source: 'CVE-2022-24450',
  },
  'connect-open': {
    decision: 'connect',
    outcome: 'allow',
    promise: 'A server without any user lets everybody into the global account.',
    source: MEASURED,
  },
  'connect-guest': {
    decision: 'connect',
    outcome: 'allow',
    promise:
      'A connection without credentials becomes the configured no_auth_user, with all restrictions of that user.',
    source: 'GHSA-hmmp-q8cx-v964',
  },
  'connect-no-credentials': {
    decision: 'connect',
    outcome: 'refuse',
    promise: 'Once users are configured, a connection without credentials is refused.',
    source: 'CVE-2023-47090',
  },
  'connect-bad-credentials': {
    decision: 'connect',
    outcome: 'refuse',
    promise:
      'Wrong credentials are refused alike, whether the user exists or not; they never fall back to a guest.',
    source: MEASURED,
  },
  'connect-account-named': {
    decision: 'connect',
    outcome: 'refuse',
    promise: 'A client cannot choose its account: naming one in CONNECT is refused.',
    source: 'CVE-2022-24450',
  },
  'connect-type-not-allowed': {
    decision: 'connect',
    outcome: 'refuse',
    promise: 'A user limited to kinds of connection cannot log in over another kind.',
    source: MEASURED,
  },
  'connect-account-full': {
    decision: 'connect',
    outcome: 'refuse',
    promise: 'An account holds no more connections than its limit.',
    source: MEASURED,
  },
  'connect-account-gone': {
    decision: 'connect',
    outcome: 'refuse',
    promise: 'A login that ends after its account was taken away ends nowhere.',
    source: 'own rule',
  },
  'connect-control-off': {
    decision: 'connect',
    outcome: 'allow',
    promise: 'A control is off in this lab: the connection enters the account that it named itself.',
    source: 'lab',
  },
  'publish-unrestricted': {
    decision: 'publish',
    outcome: 'allow',
    promise: 'Without publish permissions a user may publish to every subject of its own account.',
    source: MEASURED,
  },
  'publish-allowed': {
    decision: 'publish',
    outcome: 'allow',
    promise: 'A user may publish to a subject its allow list covers and its deny list does not.',
    source: MEASURED,
  },
  'publish-response': {
    decision: 'publish',
    outcome: 'allow',
    promise:
      'A user with allow_responses may answer a request it was delivered, as often and as long as granted.',
    source: MEASURED,
  },
  'publish-reply': {
    decision: 'publish',
    outcome: 'allow',
    promise: 'A request may name any reply subject that the server does not route by.',
    source: MEASURED,
  },
  'publish-denied': {
    decision: 'publish',
    outcome: 'refuse',
    promise: 'A subject that the deny list matches cannot be published to.',
    source: MEASURED,
  },
  'publish-not-allowed': {
    decision: 'publish',
    outcome: 'refuse',
    promise: 'With an allow list, a subject outside it cannot be published to.',
    source: MEASURED,
  },
  'publish-reserved-reply': {
    decision: 'publish',
    outcome: 'refuse',
    promise: 'A client cannot name a reply subject that the server uses for its own routing.',
    source: MEASURED,
  },
  'publish-reserved-subject': {
    decision: 'publish',
    outcome: 'refuse',
    promise: 'A client cannot publish to the subjects that route replies between servers.',
    source: MEASURED,
  },
  'subscribe-unrestricted': {
    decision: 'subscribe',
    outcome: 'allow',
    promise: 'Without subscribe permissions a user may subscribe to every subject of its own account.',
    source: MEASURED,
  },
  'subscribe-allowed': {
    decision: 'subscribe',
    outcome: 'allow',
    promise:
      'A subscription is accepted when every subject it can match is allowed, or is filtered down to those.',
    source: 'GHSA-wh7g-5m82-pmhr',
  },
  'subscribe-denied': {
    decision: 'subscribe',
    outcome: 'refuse',
    promise: 'Any matching deny refuses a subscription, plain or as a queue member.',
    source: 'GHSA-jx8g-9g95-6322',
  },
  'subscribe-not-allowed': {
    decision: 'subscribe',
    outcome: 'refuse',
    promise: 'With an allow list, a subscription that reaches outside it is refused.',
    source: MEASURED,
  },
  'deliver-allowed': {
    decision: 'deliver',
    outcome: 'allow',
    promise: 'A message is delivered when no deny rule of the receiver matches its subject.',
    source: 'GHSA-wh7g-5m82-pmhr',
  },
  'deliver-denied': {
    decision: 'deliver',
    outcome: 'refuse',
    promise: 'A denied subject is not delivered, whatever subscription matches it.',
    source: 'CVE-2022-29946',
  },
  'crossing-imported': {
    decision: 'crossing',
    outcome: 'allow',
    promise:
      'A message enters another account only where that account exports the subject and this one imports it.',
    source: 'NATS security policy',
  },
  'crossing-response': {
    decision: 'crossing',
    outcome: 'allow',
    promise:
      'A reply returns only over the mapping that its own request opened, for as long as that is alive.',
    source: MEASURED,
  },
  'crossing-not-exported': {
    decision: 'crossing',
    outcome: 'refuse',
    promise: 'Without an export that covers it, no subject of another account can be reached.',
    source: 'NATS security policy',
  },
  'crossing-private': {
    decision: 'crossing',
    outcome: 'refuse',
    promise: 'What is exported to named accounts is out of reach for every other account.',
    source: MEASURED,
  },
  'crossing-account-token': {
    decision: 'crossing',
    outcome: 'refuse',
    promise:
      'Where an export names the importing account in its subject, no account can put in the name of another.',
    source: MEASURED,
  },
  'crossing-spent-response': {
    decision: 'crossing',
    outcome: 'refuse',
    promise: 'A reply mapping that is used up, expired or unknown carries nothing.',
    source: MEASURED,
  },
  'crossing-withdrawn': {
    decision: 'crossing',
    outcome: 'refuse',
    promise: 'A way back closes at once with the export or import that its request came through.',
    source: 'own rule',
  },
  'scope-own-account': {
    decision: 'scope',
    outcome: 'allow',
    promise: 'An account manages its own assets and has no name for anything else.',
    source: SEED,
  },
  'scope-system-account': {
    decision: 'scope',
    outcome: 'allow',
    promise: 'The system account administers the whole server.',
    source: SEED,
  },
  'scope-named-own-account': {
    decision: 'scope',
    outcome: 'allow',
    promise: 'An account may use an endpoint that names an account when the name is its own.',
    source: SEED,
  },
  'scope-offered': {
    decision: 'scope',
    outcome: 'allow',
    promise: "What the system account's own configuration exports is for those to whom it exports it.",
    source: MEASURED,
  },
  'scope-control-off': {
    decision: 'scope',
    outcome: 'allow',
    promise: 'A control is off in this lab: the check that should stand here does not.',
    source: 'lab',
  },
  'scope-system-only': {
    decision: 'scope',
    outcome: 'refuse',
    promise: 'Administration of the server is for the system account; everybody else is not even answered.',
    source: SEED,
  },
  'scope-named-account-only': {
    decision: 'scope',
    outcome: 'refuse',
    promise: 'An endpoint that names an account serves that account and the system account, nobody else.',
    source: SEED,
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof RULES;
