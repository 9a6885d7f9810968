import { type JetStreamManager, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ControlId } from '../../src/guard/index.ts';
import type { BulkheadServer } from '../../src/index.ts';
import { all, client, serve } from './support.ts';

/** The configuration of the advisory, on a free port. */
const CONFIG = `
listen: 127.0.0.1:-1
jetstream: enabled

accounts: {
  '$SYS':  { users: [ { user: 'sys', password: 'sys' } ] },
  'TEST':  { jetstream: true, users: [ { user: 'a', password: 'a' } ] },
  'TEST2': { jetstream: true, users: [ { user: 'b', password: 'b' } ] }
}
`;

const PURGED = { type: 'io.nats.jetstream.api.v1.account_purge_response', initiated: true };
/** How long a request that must stay unanswered is waited for, ms. Over loopback an answer takes less than one. */
const SILENCE_MS = 100;

/** The administration a tenant may not touch: subject, body, and the control that watches it. */
const ADMINISTRATION: readonly { subject: string; body: string; control?: ControlId }[] = [
  { subject: '$JS.API.ACCOUNT.PURGE.TEST', body: '', control: 'api-scope-account-purge' },
  { subject: '$JS.API.SERVER.REMOVE', body: '{"peer":"n2"}', control: 'api-scope-server-remove' },
  {
    subject: '$JS.API.ACCOUNT.STREAM.MOVE.TEST.stream1',
    body: '{"server":"n1"}',
    control: 'api-scope-stream-move',
  },
  {
    subject: '$JS.API.ACCOUNT.STREAM.CANCEL_MOVE.TEST.stream1',
    body: '',
    control: 'api-scope-stream-cancel-move',
  },
  { subject: '$JS.API.META.LEADER.STEPDOWN', body: '' },
];

/** The three people of the story, and the server they meet on. */
interface Story {
  readonly server: BulkheadServer;
  readonly a: NatsConnection;
  readonly b: NatsConnection;
  readonly sys: NatsConnection;
}

async function begin(controlsOff: readonly ControlId[] = []): Promise<Story> {
  const server = await serve({ config: CONFIG, ...(controlsOff.length > 0 ? { lab: { controlsOff } } : {}) });
  const login = (name: string) => client(server, { user: name, pass: name });
  const [a, b, sys] = await Promise.all([login('a'), login('b'), login('sys')]);
  await fill(a);
  return { server, a, b, sys };
}

/** Creates stream1 on s1 and stores three messages. */
async function fill(connection: NatsConnection): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: 'stream1', subjects: ['s1'], storage: StorageType.File });
  for (const text of ['one', 'two', 'three']) await manager.jetstream().publish('s1', text);
}

/** The answer as JSON; undefined when none comes. */
async function ask(connection: NatsConnection, subject: string, body = ''): Promise<unknown> {
  try {
    const answer = await connection.request(subject, body, { timeout: SILENCE_MS });
    return answer.json();
  } catch (error) {
    if (error instanceof Error && /timeout/i.test(error.message)) return undefined;
    throw error;
  }
}

async function streamNames(connection: NatsConnection): Promise<string[]> {
  return all((await jetstreamManager(connection)).streams.names());
}

function lastAudit(server: BulkheadServer, subject: string) {
  return server.auditRecords().findLast((record) => record.subject === subject);
}

describe('CVE-2025-30215: the door', () => {
  it.each([
    { user: 'a', pass: 'b' },
    { user: 'b', pass: '' },
    { user: 'sys', pass: 'a' },
    { user: 'TEST', pass: 'a' },
    { user: 'A', pass: 'a' },
    {},
  ])('refuses %j', async (credentials) => {
    const server = await serve({ config: CONFIG });
    await expect(connect({ servers: server.url, ...credentials })).rejects.toThrow(
      /authorization violation/i,
    );
  });

  it('lets everybody into the own account and no other', async () => {
    const { a, b, sys } = await begin();
    const account = async (connection: NatsConnection) =>
      ((await ask(connection, '$SYS.REQ.USER.INFO')) as { data: unknown }).data;
    expect(await account(a)).toMatchObject({ user: 'a', account: 'TEST' });
    expect(await account(b)).toMatchObject({ user: 'b', account: 'TEST2' });
    expect(await account(sys)).toMatchObject({ user: 'sys', account: '$SYS' });
    expect(await ask(a, '$JS.API.INFO')).toMatchObject({ streams: 1 });
    expect(await ask(b, '$JS.API.INFO')).toMatchObject({ streams: 0 });
    expect(await ask(sys, '$JS.API.INFO')).toMatchObject({ error: { code: 503, err_code: 10039 } });
  });
});

describe('CVE-2025-30215: the tenants', () => {
  let story: Story;
  beforeEach(async () => {
    story = await begin();
  });

  it('a has its stream as it asked for it, with three messages', async () => {
    const info = await (await jetstreamManager(story.a)).streams.info('stream1');
    expect(info.config).toMatchObject({
      name: 'stream1',
      subjects: ['s1'],
      storage: 'file',
      retention: 'limits',
    });
    expect(info.state).toMatchObject({ messages: 3, first_seq: 1, last_seq: 3 });
  });

  it('b sees nothing of it and can have a stream of the same name on the same subject', async () => {
    const { a, b } = story;
    expect(await streamNames(b)).toEqual([]);
    const seenByB: JetStreamManager = await jetstreamManager(b);
    await expect(seenByB.streams.info('stream1')).rejects.toThrow(/stream not found/);
    await fill(b);
    await seenByB.streams.purge('stream1');
    expect((await (await jetstreamManager(a)).streams.info('stream1')).state.messages).toBe(3);
  });

  it.each(ADMINISTRATION)(
    'b gets no answer from $subject, and no handler runs',
    async ({ subject, body }) => {
      const { server, a, b } = story;
      const before = await (await jetstreamManager(a)).streams.info('stream1');
      expect(await ask(b, subject, body)).toBeUndefined();
      expect(lastAudit(server, subject)).toMatchObject({
        account: 'TEST2',
        user: 'b',
        rule: expect.stringMatching(/^scope-(system|named-account)-only$/),
        granted: false,
        handlerRan: false,
      });
      const after = await (await jetstreamManager(a)).streams.info('stream1');
      expect({ ...after, ts: '' }).toEqual({ ...before, ts: '' });
    },
  );

  it('b may name its own account where a tenant may', async () => {
    const { server, b } = story;
    const moves = ['MOVE', 'CANCEL_MOVE'].map((verb) => `$JS.API.ACCOUNT.STREAM.${verb}.TEST2.stream1`);
    const purge = '$JS.API.ACCOUNT.PURGE.TEST2';
    await Promise.all([...moves, purge].map((subject) => ask(b, subject)));
    for (const subject of moves) {
      expect(lastAudit(server, subject)).toMatchObject({ granted: true, handlerRan: true });
    }
    expect(lastAudit(server, purge)).toMatchObject({ granted: false, handlerRan: false });
  });
});

describe('CVE-2025-30215: the system account', () => {
  it('purges the streams of TEST, and only those', async () => {
    const { a, b, sys } = await begin();
    await fill(b);
    expect(await ask(sys, '$JS.API.ACCOUNT.PURGE.TEST')).toEqual(PURGED);
    expect(await streamNames(a)).toEqual([]);
    expect((await (await jetstreamManager(b)).streams.info('stream1')).state.messages).toBe(3);
  });

  it.each(ADMINISTRATION)('is granted $subject', async ({ subject, body }) => {
    const { server, sys } = await begin();
    await ask(sys, subject, body);
    const rule = 'scope-system-account';
    expect(lastAudit(server, subject)).toMatchObject({
      account: '$SYS',
      rule,
      granted: true,
      handlerRan: true,
    });
  });
});

describe('CVE-2025-30215: with a control off', () => {
  for (const { subject, control } of ADMINISTRATION) {
    if (control === undefined) continue;
    it(`${control} lets b through, and nothing else does`, async () => {
      const { server, b } = await begin([control]);
      await Promise.all(ADMINISTRATION.map((request) => ask(b, request.subject, request.body)));
      for (const other of ADMINISTRATION) {
        const isOpen = other.subject === subject;
        expect(lastAudit(server, other.subject)).toMatchObject({ granted: isOpen, handlerRan: isOpen });
      }
      expect(lastAudit(server, subject)?.rule).toBe('scope-control-off');
    });
  }

  it('api-scope-account-purge loses the streams of TEST to b', async () => {
    const { a, b } = await begin(['api-scope-account-purge']);
    expect(await ask(b, '$JS.API.ACCOUNT.PURGE.TEST')).toEqual(PURGED);
    expect(await streamNames(a)).toEqual([]);
  });

  it('the server listens on loopback only', async () => {
    const lab = { controlsOff: ['api-scope-account-purge'] as const };
    await expect(serve({ host: '0.0.0.0', lab })).rejects.toThrow(/loopback/);
  });
});
