import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Frame, WireClient } from '../../src/fuzz/wire-client.ts';
import { inProcess, type RunningTarget } from '../peer/targets.ts';

/** An account with JetStream, and one that reaches its API over an import under another name. */
const CONFIG = `
  jetstream {}
  accounts {
    A { jetstream: enabled, users: [{user: a, password: p}],
        exports: [{service: "$JS.API.>"}, {stream: "d.>"}, {stream: "$JS.EVENT.>"}] }
    B { users: [{user: b, password: p}],
        imports: [{service: {account: A, subject: "$JS.API.>"}, to: "js.a.>"},
                  {stream: {account: A, subject: "d.>"}}, {stream: {account: A, subject: "$JS.EVENT.>"}}] }
  }`;

const PUSH = { stream_name: 'S', config: { name: 'p', deliver_subject: 'd.p', ack_policy: 'explicit' } };
const PULL = { stream_name: 'S', config: { durable_name: 'q', ack_policy: 'explicit' } };

/** Requests that set something free: events, messages, the ends of waiting requests. */
const REQUESTS: readonly (readonly [string, unknown])[] = [
  ['STREAM.CREATE.T', { name: 'T', subjects: ['t.>'], storage: 'memory' }],
  ['STREAM.UPDATE.T', { name: 'T', subjects: ['t.*'], storage: 'memory' }],
  ['CONSUMER.CREATE.S.p', PUSH],
  ['CONSUMER.PAUSE.S.p', { pause_until: '2099-01-01T00:00:00Z' }],
  ['CONSUMER.PAUSE.S.p', {}],
  ['CONSUMER.DELETE.S.p', ''],
  ['CONSUMER.CREATE.S.q', PULL],
  ['CONSUMER.DELETE.S.q', ''],
  ['STREAM.PURGE.S', ''],
  ['STREAM.DELETE.T', ''],
  ['STREAM.NAMES', { offset: 'none' }],
];

type Delivered = Extract<Frame, { op: 'MSG' }>;

describe('an answer comes before everything that its request sets free', () => {
  let server: RunningTarget;
  beforeAll(async () => {
    server = await inProcess(CONFIG);
  });
  afterAll(() => server?.stop());

  async function login(user: string): Promise<WireClient> {
    const client = new WireClient(server.open());
    client.login(user, 'p', user);
    await client.ping();
    return client;
  }

  async function ask(client: WireClient, subject: string, body: unknown): Promise<Delivered[]> {
    const from = client.frames.length;
    client.publish(subject, 'r.x', [], body === '' ? '' : JSON.stringify(body));
    await client.ping();
    return client.frames.slice(from).filter((frame) => frame.op === 'MSG');
  }

  test.each([
    ['in the own account', 'a', '$JS.API.'],
    ['over an import', 'b', 'js.a.'],
  ])('%s', async (_where, user, prefix) => {
    const owner = await login('a');
    await ask(owner, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.>'], storage: 'memory' });
    for (let i = 0; i < 3; i++) owner.publish('s.x', undefined, [], `${i}`);
    await owner.ping();
    const client = await login(user);
    for (const [sid, subject] of ['r.x', 'd.p', '$JS.EVENT.>'].entries())
      client.subscribe(subject, undefined, `${sid}`);
    await client.ping();
    let freed = 0;
    for (const [verb, body] of REQUESTS) {
      const came = await ask(client, `${prefix}${verb}`, body);
      expect(came.map(({ subject }) => subject).indexOf('r.x'), verb).toBe(0);
      expect(came[1]?.subject ?? '', verb).toMatch(/^$|^\$JS\.EVENT\.ADVISORY\.API$/);
      freed += came.length - 1;
    }
    // One audit event each, the advisories, three messages.
    expect(freed).toBeGreaterThanOrEqual(REQUESTS.length + 9);
    await ask(owner, '$JS.API.STREAM.DELETE.S', '');
    client.close();
    owner.close();
  });

  test('a confirmation before the messages that the acknowledgement makes room for', async () => {
    const client = await login('a');
    await ask(client, '$JS.API.STREAM.CREATE.S', { name: 'S', subjects: ['s.>'], storage: 'memory' });
    for (let i = 0; i < 4; i++) client.publish('s.x', undefined, [], `${i}`);
    client.subscribe('d.p', undefined, '1');
    client.subscribe('r.x', undefined, '2');
    await ask(client, '$JS.API.CONSUMER.CREATE.S.p', {
      ...PUSH,
      config: { ...PUSH.config, max_ack_pending: 1 },
    });
    for (const kind of ['+ACK', '+TERM', '']) {
      const reply = client.frames.findLast((frame) => frame.op === 'MSG' && frame.sid === '1');
      const from = client.frames.length;
      client.publish(reply?.op === 'MSG' ? reply.reply : '', 'r.x', [], kind);
      await client.ping();
      const sids = client.frames.slice(from).map((frame) => (frame.op === 'MSG' ? frame.sid : frame.op));
      expect(sids, kind).toEqual(['2', '1']);
    }
    client.close();
  });
});
