import { describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/api/index.ts';
import { type AccountName, World } from './world.ts';

const API = '$JS.API.';
const STREAM = { name: 'S', subjects: ['s.>'], storage: 'memory', allow_direct: true };
const CONSUMER = { stream_name: 'S', config: { durable_name: 'C', ack_policy: 'explicit' } };

/** A world where OWNER has a stream S with three messages and a consumer C. */
function world(options: ConstructorParameters<typeof World>[0] = {}): World {
  const made = new World(options);
  expect(made.json('OWNER', `${API}STREAM.CREATE.S`, STREAM)?.['error']).toBeUndefined();
  for (const subject of ['s.1', 's.2', 's.3']) store(made, subject);
  expect(made.json('OWNER', `${API}CONSUMER.CREATE.S.C`, CONSUMER)?.['error']).toBeUndefined();
  return made;
}

function store(made: World, subject: string): void {
  const stream = made.jetStreamOf(made.ids.OWNER)?.streams.values().next().value;
  const payload = Buffer.from('data');
  if (stream === undefined) throw new Error('no stream');
  const message = Object.assign(made.message(subject), {});
  message.place(payload, 0, 0, payload.length);
  stream.ingest(message);
}

type Expected = string | 'silent' | 'nothing' | 'raw';

interface Case {
  readonly row: string;
  readonly subject: string;
  readonly body?: unknown;
  /** What each kind of caller gets: `<type>`, `<type> <err_code>`, `silent`, `raw` (a message), or a status line. */
  readonly owner: Expected;
  readonly plain: Expected;
  readonly sys: Expected;
}

const NO_SYS = 'system_response 10039';

/**
 * Every row, what its owner, a tenant without JetStream and the system account get: as measured on 2.14.5, except the
 * `$JS.` subjects outside `$JS.API` (not measured here; an acknowledgement of what was never delivered is not
 * confirmed). `silent` is what the API itself does; no-responders messages are not its business.
 */
const CASES: readonly Case[] = [
  {
    row: 'INFO',
    subject: 'INFO',
    owner: 'account_info_response',
    plain: 'account_info_response 10039',
    sys: 'account_info_response 10039',
  },
  {
    row: 'STREAM.CREATE.<stream>',
    subject: 'STREAM.CREATE.N',
    body: { name: 'N' },
    owner: 'stream_create_response',
    plain: 'stream_create_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.UPDATE.<stream>',
    subject: 'STREAM.UPDATE.S',
    body: STREAM,
    owner: 'stream_update_response',
    plain: 'stream_update_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.NAMES',
    subject: 'STREAM.NAMES',
    owner: 'stream_names_response',
    plain: 'stream_names_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.LIST',
    subject: 'STREAM.LIST',
    owner: 'stream_list_response',
    plain: 'stream_list_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.INFO.<stream>',
    subject: 'STREAM.INFO.S',
    owner: 'stream_info_response',
    plain: 'stream_info_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.DELETE.<stream>',
    subject: 'STREAM.DELETE.S',
    owner: 'stream_delete_response',
    plain: 'stream_delete_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.PURGE.<stream>',
    subject: 'STREAM.PURGE.S',
    owner: 'stream_purge_response',
    plain: 'stream_purge_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.MSG.GET.<stream>',
    subject: 'STREAM.MSG.GET.S',
    body: { seq: 1 },
    owner: 'stream_msg_get_response',
    plain: 'stream_msg_get_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.MSG.DELETE.<stream>',
    subject: 'STREAM.MSG.DELETE.S',
    body: { seq: 1 },
    owner: 'stream_msg_delete_response',
    plain: 'stream_msg_delete_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.SNAPSHOT.<stream>',
    subject: 'STREAM.SNAPSHOT.S',
    body: { deliver_subject: 'd' },
    owner: 'stream_snapshot_response 10064',
    plain: 'stream_snapshot_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.RESTORE.<stream>',
    subject: 'STREAM.RESTORE.S',
    body: { config: STREAM },
    owner: 'stream_restore_response 10130',
    plain: 'stream_restore_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'DIRECT.GET.<stream>',
    subject: 'DIRECT.GET.S',
    body: { seq: 1 },
    owner: 'raw',
    plain: 'silent',
    sys: NO_SYS,
  },
  {
    row: 'DIRECT.GET.<stream>.<subject…>',
    subject: 'DIRECT.GET.S.s.2',
    owner: 'raw',
    plain: 'silent',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.CREATE.<stream>',
    subject: 'CONSUMER.CREATE.S',
    body: { stream_name: 'S' },
    owner: 'consumer_create_response',
    plain: 'consumer_create_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.CREATE.<stream>.<consumer>',
    subject: 'CONSUMER.CREATE.S.D',
    body: { stream_name: 'S' },
    owner: 'consumer_create_response',
    plain: 'consumer_create_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.CREATE.<stream>.<consumer>.<filter…>',
    subject: 'CONSUMER.CREATE.S.D.s.1',
    body: { stream_name: 'S', config: { filter_subject: 's.1' } },
    owner: 'consumer_create_response',
    plain: 'consumer_create_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.DURABLE.CREATE.<stream>.<consumer>',
    subject: 'CONSUMER.DURABLE.CREATE.S.D',
    body: { stream_name: 'S', config: { durable_name: 'D' } },
    owner: 'consumer_create_response',
    plain: 'consumer_create_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.NAMES.<stream>',
    subject: 'CONSUMER.NAMES.S',
    owner: 'consumer_names_response',
    plain: 'consumer_names_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.LIST.<stream>',
    subject: 'CONSUMER.LIST.S',
    owner: 'consumer_list_response',
    plain: 'consumer_list_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.INFO.<stream>.<consumer>',
    subject: 'CONSUMER.INFO.S.C',
    owner: 'consumer_info_response',
    plain: 'consumer_info_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.DELETE.<stream>.<consumer>',
    subject: 'CONSUMER.DELETE.S.C',
    owner: 'consumer_delete_response',
    plain: 'consumer_delete_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.PAUSE.<stream>.<consumer>',
    subject: 'CONSUMER.PAUSE.S.C',
    owner: 'consumer_pause_response',
    plain: 'consumer_pause_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.UNPIN.<stream>.<consumer>',
    subject: 'CONSUMER.UNPIN.S.C',
    body: { group: 'g' },
    owner: 'consumer_unpin_response 10160',
    plain: 'consumer_unpin_response 10039',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.RESET.<stream>.<consumer>',
    subject: 'CONSUMER.RESET.S.C',
    owner: 'consumer_reset_response',
    plain: 'silent',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.MSG.NEXT.<stream>.<consumer>',
    subject: 'CONSUMER.MSG.NEXT.S.C',
    owner: 'raw',
    plain: 'silent',
    sys: NO_SYS,
  },
  {
    row: '$JS.ACK.<stream>.<consumer>.<delivery…>',
    subject: '$JS.ACK.S.C.1.1.1.0.0',
    body: '+ACK',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: '$JS.FC.<stream>.<consumer>.<id…>',
    subject: '$JS.FC.S.C.abcd',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: '$JS.SNAPSHOT.ACK.<stream>.<id>.<chunk…>',
    subject: '$JS.SNAPSHOT.ACK.S.x.1.1',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: '$JS.SNAPSHOT.RESTORE.<stream>.<id>',
    subject: '$JS.SNAPSHOT.RESTORE.S.x',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: 'STREAM.LEADER.STEPDOWN.<stream>',
    subject: 'STREAM.LEADER.STEPDOWN.S',
    owner: 'stream_leader_stepdown_response 10010',
    plain: 'stream_leader_stepdown_response 10010',
    sys: NO_SYS,
  },
  {
    row: 'CONSUMER.LEADER.STEPDOWN.<stream>.<consumer>',
    subject: 'CONSUMER.LEADER.STEPDOWN.S.C',
    owner: 'consumer_leader_stepdown_response 10010',
    plain: 'consumer_leader_stepdown_response 10010',
    sys: NO_SYS,
  },
  {
    row: 'STREAM.PEER.REMOVE.<stream>',
    subject: 'STREAM.PEER.REMOVE.S',
    owner: 'stream_remove_peer_response 10010',
    plain: 'stream_remove_peer_response 10010',
    sys: NO_SYS,
  },
  {
    row: 'ACCOUNT.PURGE.<account>',
    subject: 'ACCOUNT.PURGE.OWNER',
    owner: 'silent',
    plain: 'silent',
    sys: 'account_purge_response',
  },
  {
    row: 'SERVER.REMOVE',
    subject: 'SERVER.REMOVE',
    body: { peer: 'x' },
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: 'META.LEADER.STEPDOWN',
    subject: 'META.LEADER.STEPDOWN',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: 'ACCOUNT.STREAM.MOVE.<account>.<stream>',
    subject: 'ACCOUNT.STREAM.MOVE.OWNER.S',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
  {
    row: 'ACCOUNT.STREAM.CANCEL_MOVE.<account>.<stream>',
    subject: 'ACCOUNT.STREAM.CANCEL_MOVE.OWNER.S',
    owner: 'silent',
    plain: 'silent',
    sys: 'silent',
  },
];

function full(subject: string): string {
  return subject.startsWith('$') ? subject : API + subject;
}

function observed(made: World, from: AccountName, one: Case): string {
  const [first] = made.ask(from, full(one.subject), one.body ?? '');
  if (first === undefined) return 'silent';
  if (!first.payload.startsWith('{"type"')) return 'raw';
  const { type, error } = JSON.parse(first.payload) as { type: string; error?: { err_code: number } };
  const name = type.replace('io.nats.jetstream.api.v1.', '');
  return error === undefined ? name : `${name} ${error.err_code}`;
}

describe('dispatch serves every row', () => {
  it.each(CASES)('$row', (one) => {
    expect(observed(world(), 'OWNER', one)).toBe(one.owner);
    expect(observed(world(), 'PLAIN', one)).toBe(one.plain);
    expect(observed(world(), 'SYS', one)).toBe(one.sys);
  });

  it('leaves no row of the table out', () => {
    expect(CASES.map(({ row }) => full(row)).sort()).toEqual(ENDPOINTS.map((row) => row.subject).sort());
  });

  it.each(CASES)('$row: another tenant changes nothing of the owner', (one) => {
    const made = world();
    const before = digest(made);
    made.ask('OTHER', full(one.subject), one.body ?? '');
    expect(digest(made)).toBe(before);
  });
});

it('a change of the owner itself shows in the digest', () => {
  const made = world();
  const before = digest(made);
  made.ask('OWNER', `${API}STREAM.MSG.DELETE.S`, { seq: 1 });
  expect(digest(made)).not.toBe(before);
});

function digest(made: World): string {
  const streams = made.ask('OWNER', `${API}STREAM.LIST`);
  const consumers = made.ask('OWNER', `${API}CONSUMER.LIST.S`);
  return JSON.stringify([streams, consumers].map(([sent]) => sent?.payload));
}

describe('dispatch', () => {
  it('is silent to tenants about subjects nobody serves, and answers system users', () => {
    const made = new World();
    for (const subject of [
      'XX',
      'STREAM.INFO',
      'STREAM.INFO.S.x',
      'STREAM.NAMES.x',
      'INFO.x',
      'STREAM.TEMPLATE.NAMES',
    ]) {
      expect(made.ask('OWNER', API + subject)).toEqual([]);
      expect(made.json('SYS', API + subject)?.['type']).toBe('io.nats.jetstream.api.v1.system_response');
    }
  });

  it('does not answer a system user whose direct request has a header', () => {
    const made = new World();
    expect(made.ask('SYS', `${API}INFO`, '', { header: 'A: b' })).toEqual([]);
    expect(made.ask('SYS', `${API}ACCOUNT.PURGE.OWNER`, '', { header: 'A: b' })).toEqual([]);
    expect(made.ask('SYS', `${API}STREAM.NAMES`, '', { header: 'A: b' })).toHaveLength(1);
  });

  it('refuses a demand for a higher API level before anything else', () => {
    const made = world();
    const ask = (subject: string, level: string, from: AccountName = 'OWNER'): unknown =>
      (
        made.json(from, API + subject, '', { header: `Nats-Required-Api-Level: ${level}` })?.[
          'error'
        ] as Record<string, unknown>
      )?.['err_code'];
    expect(ask('INFO', '5')).toBe(10185);
    expect(ask('INFO', 'x')).toBe(10185);
    expect(ask('INFO', '5', 'PLAIN')).toBe(10185);
    expect(ask('INFO', '4')).toBeUndefined();
    expect(ask('INFO', '-1')).toBeUndefined();
    expect(ask('CONSUMER.RESET.S.C', '5')).toBe(10185);
    const [raw] = made.ask(
      'OWNER',
      `${API}DIRECT.GET.S`,
      { seq: 1 },
      { header: 'Nats-Required-Api-Level: 5' },
    );
    expect(raw?.header).toBe('NATS/1.0 412 Required Api Level\r\n\r\n');
  });

  it('says why an out-of-scope request had no answer: no grant, no handler', () => {
    const made = world();
    made.ask('OTHER', `${API}ACCOUNT.PURGE.OWNER`);
    expect(made.dispatch.audit.records().at(-1)).toEqual({
      subject: '$JS.API.ACCOUNT.PURGE.OWNER',
      account: 'OTHER',
      user: 'other',
      row: '$JS.API.ACCOUNT.PURGE.<account>',
      rule: 'scope-system-only',
      granted: false,
      handled: false,
      outcome: 'refused',
    });
    made.ask('SYS', `${API}SERVER.REMOVE`);
    expect(made.dispatch.audit.records().at(-1)).toMatchObject({
      granted: true,
      handled: true,
      outcome: 'silent',
    });
  });

  it('lets a tenant purge another account only when the lab has turned the control off', () => {
    const made = world({ controlsOff: ['api-scope-account-purge'] });
    expect(made.json('OTHER', `${API}ACCOUNT.PURGE.OWNER`)).toMatchObject({ initiated: true });
    expect(made.jetStreamOf(made.ids.OWNER)?.streams.size).toBe(0);
    expect(made.dispatch.audit.records().at(-1)?.rule).toBe('scope-control-off');
  });

  it('never lets a body rename what the subject names', () => {
    const made = world();
    const code = (subject: string, body: unknown): unknown =>
      (made.json('OWNER', API + subject, body)?.['error'] as Record<string, unknown>)?.['err_code'];
    expect(code('STREAM.CREATE.X', STREAM)).toBe(10056);
    expect(code('STREAM.UPDATE.X', STREAM)).toBe(10056);
    expect(code('CONSUMER.CREATE.S', { stream_name: 'X' })).toBe(10056);
    expect(code('CONSUMER.CREATE.S.D', { stream_name: 'S', config: { durable_name: 'E' } })).toBe(10017);
    expect(code('CONSUMER.DURABLE.CREATE.S.D', { stream_name: 'S' })).toBe(10018);
    expect(code('CONSUMER.CREATE.S', { stream_name: 'S', config: { durable_name: 'E' } })).toBe(10020);
    expect(code('CONSUMER.CREATE.S.D.s.1', { stream_name: 'S', config: { filter_subject: 's.2' } })).toBe(
      10131,
    );
    expect(code('CONSUMER.CREATE.S.D.s.1', { stream_name: 'S', config: { filter_subjects: ['s.1'] } })).toBe(
      10137,
    );
    expect(
      made.json('OWNER', `${API}CONSUMER.CREATE.S.D`, { stream_name: 'S', config: { name: 'E' } })?.['name'],
    ).toBe('D');
  });

  it('counts what was answered, and shows the count before the request that asks', () => {
    const made = new World();
    const api = (): unknown => made.json('OTHER', `${API}INFO`)?.['api'];
    expect(api()).toEqual({ level: 4, total: 0, errors: 0 });
    made.ask('OTHER', `${API}STREAM.NAMES`);
    made.ask('OTHER', `${API}STREAM.INFO.X`);
    made.ask('OTHER', `${API}XX`);
    made.ask('OTHER', `${API}SERVER.REMOVE`);
    expect(api()).toEqual({ level: 4, total: 3, errors: 1 });
  });

  it('publishes an audit event in the account that asked, when somebody listens', () => {
    const made = new World();
    const events = (): unknown[] => made.sent.filter(({ subject }) => subject === '$JS.EVENT.ADVISORY.API');
    made.ask('PLAIN', `${API}INFO`);
    expect(events()).toEqual([]);
    made.listened.add('$JS.EVENT.ADVISORY.API');
    made.ask('PLAIN', `${API}STREAM.NAMES`, '{"subject":"a.>"}');
    made.ask('SYS', `${API}STREAM.NAMES`);
    const [tenant, system] = made.sent.filter(({ subject }) => subject === '$JS.EVENT.ADVISORY.API');
    expect(tenant?.account).toBe('PLAIN');
    expect(tenant?.payload).toContain('"request":"{\\"subject\\":\\"a.\\u003e\\"}"');
    expect(Object.keys(JSON.parse(tenant?.payload ?? '{}'))).toEqual([
      'type',
      'id',
      'timestamp',
      'server',
      'client',
      'subject',
      'request',
      'response',
    ]);
    expect(JSON.parse(system?.payload ?? '{}')).toMatchObject({ client: null });
  });

  it('answers a handler that breaks with a server error, and goes on', () => {
    const made = world();
    const jetstream = made.jetStreamOf(made.ids.OWNER);
    if (jetstream === undefined) throw new Error('no JetStream');
    jetstream.usage = () => {
      throw new RangeError('a bug');
    };
    expect(made.json('OWNER', `${API}INFO`)).toMatchObject({
      error: { code: 500, err_code: 10051, description: 'internal error' },
    });
    expect(made.bugs).toHaveLength(1);
    expect(made.json('OWNER', `${API}STREAM.NAMES`)).toMatchObject({ streams: ['S'] });
  });

  it('judges a waiting pull again at the moment of effect', () => {
    const lateAnswers = (between: (made: World) => void): number => {
      const made = world();
      made.ask('OWNER', `${API}CONSUMER.MSG.NEXT.S.C`, '3', { reply: 'first' });
      made.ask('OWNER', `${API}CONSUMER.MSG.NEXT.S.C`, '{"batch":1,"expires":60000000000}', {
        reply: 'late',
      });
      between(made);
      store(made, 's.4');
      made.drain();
      expect(made.sent.filter(({ subject }) => subject === 'first')).toHaveLength(3);
      return made.sent.filter(({ subject }) => subject === 'late').length;
    };
    expect(lateAnswers(() => {})).toBe(1);
    expect(lateAnswers((made) => made.revoke())).toBe(0);
  });

  it('opens DIRECT.GET while the stream allows it', () => {
    const made = world();
    made.json('OWNER', `${API}STREAM.UPDATE.S`, { ...STREAM, allow_direct: false });
    expect(made.ask('OWNER', `${API}DIRECT.GET.S`, { seq: 1 })).toEqual([]);
    made.json('OWNER', `${API}STREAM.UPDATE.S`, STREAM);
    expect(made.ask('OWNER', `${API}DIRECT.GET.S`, { seq: 1 })).toHaveLength(1);
    made.json('OWNER', `${API}STREAM.DELETE.S`);
    expect(made.ask('OWNER', `${API}DIRECT.GET.S`, { seq: 1 })).toEqual([]);
  });
});
