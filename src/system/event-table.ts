/** An event that the server tells the system account. */
export interface EventRow {
  /** `<server>` is the server's id, `<account>` the account's name. */
  readonly subject: string;
  /** Name after `io.nats.server.advisory.v1.`; absent where the body carries no type. */
  readonly type?: string;
  readonly when: string;
  readonly body: string;
}

/** Every event of one server, by name. Nothing is made while nobody in the system account listens to it. */
export const EVENTS = {
  connect: {
    subject: '$SYS.ACCOUNT.<account>.CONNECT',
    type: 'client_connect',
    when: 'a client entered the account',
    body: '`client`',
  },
  disconnect: {
    subject: '$SYS.ACCOUNT.<account>.DISCONNECT',
    type: 'client_disconnect',
    when: 'a client of the account is gone; of `$G` for one that never logged in, so many a second at most',
    body: '`client`, `sent` and `received` as the client sees them, `reason`',
  },
  connections: {
    subject: '$SYS.ACCOUNT.<account>.SERVER.CONNS',
    type: 'account_connections',
    when: 'the number of connections of the account changed, and every 30 s while it has any',
    body: 'the entry of the account in STATZ',
  },
  'connections-old': {
    subject: '$SYS.SERVER.ACCOUNT.<account>.CONNS',
    type: 'account_connections',
    when: 'together with `SERVER.CONNS`, of which it is the older name',
    body: 'the same',
  },
  'auth-error': {
    subject: '$SYS.SERVER.<server>.CLIENT.AUTH.ERR',
    type: 'client_disconnect',
    when: 'a login failed; so many a second at most',
    body: 'as DISCONNECT',
  },
  statsz: {
    subject: '$SYS.SERVER.<server>.STATSZ',
    when: 'every 10 s',
    body: '`server` and `statsz`',
  },
  'lame-duck': {
    subject: '$SYS.SERVER.<server>.LAMEDUCK',
    when: 'the server begins to send its clients away',
    body: 'what else stands in `server`',
  },
  shutdown: {
    subject: '$SYS.SERVER.<server>.SHUTDOWN',
    when: 'the server stops',
    body: 'what else stands in `server`',
  },
} as const satisfies Record<string, EventRow>;

export type EventName = keyof typeof EVENTS;
