import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import type { ByteString } from '../../src/subjects/index.ts';
import { Account, accountWith, commands, look, perform, streams } from './fixtures-support.ts';
import { backupOf, begin, emptyAt, reframed, restore, tarEntry, unframed } from './restore-support.ts';

const SECOND = 1e9;
const FILE = { name: 'S', subjects: ['s.*'], storage: 'file' as const };

/** A stream with messages and a consumer that has some of them. */
function used(): Account {
  const account = accountWith({ storage: 'file', allow_msg_ttl: true });
  for (let pick = 0; pick < 30; pick++) perform(account, { do: 'publish', pick, more: pick });
  for (let pick = 0; pick < 6; pick++) perform(account, { do: 'fetch', pick, more: 3 });
  return account;
}

/** That nothing is there of a restore. */
function expectNothing(account: Account): void {
  const { env, jetstream } = account;
  env.drain();
  expect({ ...jetstream.usage(), held: env.memory.used, transfers: jetstream.transfers.size }).toEqual({
    memory: 0,
    storage: 0,
    reservedMemory: 0,
    reservedStorage: 0,
    streams: 0,
    consumers: 0,
    held: 0,
    transfers: 0,
  });
  expect(env.scheduler.nextDue()).toBeUndefined();
}

describe('a restored backup', () => {
  it('is the stream that was backed up, with its consumers, and behaves like it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...streams.filter(({ storage }) => storage === 'file')),
        commands,
        commands,
        fc.integer({ min: 1, max: 5000 }),
        (config, before, after, size) => {
          const account = accountWith(config);
          for (const command of before) perform(account, command);
          const copy = emptyAt(account);
          copy.deliveries = [...account.deliveries];
          const backup = backupOf(account, 1024);
          expect(restore(copy, account.stream.config, backup, size)).toBe('restored');
          const { nextDue: _a, ...original } = look(account) as Record<string, unknown>;
          const { nextDue: _b, ...copied } = look(copy) as Record<string, unknown>;
          expect(copied).toEqual(original);
          for (const command of after) {
            expect([command, perform(copy, command)]).toEqual([command, perform(account, command)]);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('has the messages of one moment, without those that went while it was sent', () => {
    const account = accountWith({ storage: 'file' });
    for (let pick = 0; pick < 500; pick++) {
      account.env.publish(`s.${'abc'[pick % 3]}`, 'x'.repeat(1000));
    }
    account.env.drain();
    let chunks = 0;
    const backup = backupOf(account, 100_000, () => {
      if (++chunks > 1) return;
      account.stream.remove(400, false);
      account.env.publish('s.a', 'late');
    });
    expect(chunks).toBeGreaterThan(5);
    const copy = emptyAt(account);
    expect(restore(copy, FILE, backup)).toBe('restored');
    expect(copy.stream.state({ deletedDetails: true })).toMatchObject({
      messages: 499,
      last_seq: 500,
      deleted: [400],
    });
    expect(account.stream.state()).toMatchObject({ messages: 500, last_seq: 501 });
  });

  it('leaves consumers out when asked to', () => {
    const account = used();
    const copy = emptyAt(account);
    expect(
      restore(
        copy,
        FILE,
        backupOf(account, 0, () => undefined, false),
      ),
    ).toBe('restored');
    expect(copy.consumers()).toEqual([]);
    expect(copy.stream.store.messages).toBe(account.stream.store.messages);
  });

  it('keeps a consumer that was not used for a while: the wait for use begins anew', () => {
    const account = used();
    const backup = backupOf(account);
    const copy = emptyAt(account);
    copy.env.advance(100_000);
    restore(copy, { ...FILE, allow_msg_ttl: true }, backup);
    expect(copy.consumers()).toContain('f');
    copy.env.advance(6_000);
    expect(copy.consumers()).not.toContain('f');
  });
});

describe('a restore', () => {
  it('that is cut anywhere leaves nothing', () => {
    const backup = backupOf(used());
    fc.assert(
      fc.property(fc.nat(backup.length - 1), (length) => {
        const account = new Account();
        expect(restore(account, FILE, backup.subarray(0, length))).toMatch(/^restore failed: corrupt input/);
        expectNothing(account);
      }),
      { numRuns: 40 },
    );
  });

  it('of bytes that changed anywhere leaves nothing', () => {
    const backup = backupOf(used());
    fc.assert(
      fc.property(fc.nat(backup.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(backup);
        changed[at] = (changed[at] ?? 0) ^ change;
        const account = new Account();
        if (restore(account, FILE, changed) === 'restored') throw new Error('was restored');
        expectNothing(account);
      }),
      { numRuns: 60 },
    );
  });

  it('of bytes that somebody changed on purpose ends with a stream or with nothing, never in between', () => {
    const data = unframed(backupOf(used()));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(data.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        (changes) => {
          const changed = Buffer.from(data);
          for (const [at, value] of changes) changed[at] = value;
          const account = new Account();
          const outcome = restore(account, { ...FILE, allow_msg_ttl: true }, reframed(changed));
          if (outcome !== 'restored') return expectNothing(account);
          // What came through is a stream like any other.
          for (const command of ['fetch', 'publish', 'purge'] as const)
            perform(account, { do: command, pick: 1, more: 2 });
          account.env.advance(1_000_000);
          account.jetstream.deleteAll();
          account.env.drain();
          expect(account.env.memory.used).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['../../../../x', '0'],
    ['/etc/passwd', '0'],
    ['stream/../stream/0', '0'],
    ['messages/0x1', '0'],
    ['stream/0', '5'],
    ['stream/0', '2'],
    ['messages', '0'],
  ])('whose archive has a file %s of kind %s is refused before a byte of it is kept', (name, kind) => {
    const account = new Account();
    const archive = reframed(tarEntry(name, Buffer.alloc(2000, 'x'), kind));
    expect(restore(account, FILE, archive)).toBe('restore failed: unexpected content');
    expectNothing(account);
  });

  it('of a backup that another server made says so', () => {
    const account = new Account();
    expect(restore(account, FILE, reframed(tarEntry('meta.inf', Buffer.from('{}'))))).toBe(
      'restore failed: the backup was made by another server than Bulkhead, which restores its own only',
    );
    expectNothing(account);
  });

  it('of the backup of another stream is refused', () => {
    const account = new Account();
    const backup = backupOf(used());
    const id = begin(account.jetstream, { ...FILE, name: 'T' }, 'T' as ByteString);
    expect(() => account.jetstream.transfers.restoring('T' as ByteString, id)?.take(backup)).toThrow(
      'restore failed: stream names do not match',
    );
    expectNothing(account);
  });

  it('is over when no chunk comes for five seconds', () => {
    const account = new Account();
    const backup = backupOf(used());
    const id = begin(account.jetstream, FILE);
    const upload = account.jetstream.transfers.restoring('S' as ByteString, id);
    upload?.take(backup.subarray(0, 3000));
    account.env.advance(4_000);
    upload?.take(backup.subarray(3000, 5000));
    account.env.advance(4_999);
    expect(account.jetstream.transfers.size).toBe(1);
    account.env.advance(1);
    expectNothing(account);
  });

  it('takes no chunk under another id or another stream', () => {
    const account = new Account();
    const id = begin(account.jetstream, FILE);
    const { transfers } = account.jetstream;
    expect(transfers.restoring('T' as ByteString, id)).toBeUndefined();
    expect(transfers.restoring('S' as ByteString, 'x' as ByteString)).toBeUndefined();
    expect(transfers.restoring('S' as ByteString, id)).toBeDefined();
  });

  it('of a name that is taken, or being restored, is refused', () => {
    const account = new Account();
    begin(account.jetstream, FILE);
    expect(() => begin(account.jetstream, FILE)).toThrow('stream name already in use, cannot restore');
    expect(restore(used(), FILE, Buffer.alloc(1))).toBe('stream name already in use, cannot restore');
  });

  it('ends without a stream when its name or its subjects were taken meanwhile', () => {
    const backup = backupOf(used());
    for (const [name, error] of [
      ['S', 'stream name already in use, cannot restore'],
      ['W', 'subjects overlap with an existing stream'],
    ] as const) {
      const account = new Account();
      const id = begin(account.jetstream, FILE);
      const upload = account.jetstream.transfers.restoring('S' as ByteString, id);
      upload?.take(backup);
      account.jetstream.createStream({ ...FILE, name });
      let how: unknown;
      upload?.finish((outcome) => {
        how = 'error' in outcome ? outcome.error.message : 'restored';
      });
      account.env.drain();
      expect(how).toBe(error);
      account.jetstream.deleteAll();
      expectNothing(account);
    }
  });

  it('stays within what the account may have, in bytes, streams and consumers', () => {
    const source = used();
    const backup = backupOf(source);
    for (const [limit, error] of [
      [{ maxStorage: 500 }, 'resource limits exceeded for account'],
      [{ maxConsumers: 3 }, 'maximum consumers limit reached'],
    ] as const) {
      const account = new Account();
      account.jetstream.limits = { ...account.jetstream.limits, ...limit };
      expect(restore(account, FILE, backup)).toBe(error);
      expectNothing(account);
    }
  });

  it('counts as one of the streams that the account may have, and takes no part in a cycle of sources', () => {
    const backup = backupOf(used());
    const full = new Account();
    full.jetstream.createStream({ name: 'T', subjects: ['t'] });
    full.jetstream.limits = { ...full.jetstream.limits, maxStreams: 1 };
    expect(restore(full, FILE, backup)).toBe('maximum number of streams reached');
    const cyclic = new Account();
    cyclic.jetstream.createStream({ name: 'T', subjects: ['t'], sources: [{ name: 'S' }] });
    expect(restore(cyclic, { ...FILE, sources: [{ name: 'T' }] }, backup)).toMatch(/cycle/);
    expect([...full.jetstream.streams.keys(), ...cyclic.jetstream.streams.keys()]).toEqual(['T', 'T']);
  });

  it('takes what memory the process has, and gives it back', () => {
    const backup = backupOf(used());
    for (let limit = 1000; limit < 60_000; limit += 5000) {
      const account = new Account();
      account.env.memory.limit = limit;
      if (restore(account, FILE, backup) === 'restored') account.jetstream.deleteAll();
      expectNothing(account);
    }
  });

  it('believes no announced size: memory is taken as bytes come', () => {
    const account = new Account();
    const huge = tarEntry('consumers/1', Buffer.alloc(0));
    huge.write('00360000000\0', 124);
    huge.fill(' ', 148, 156);
    const sum = huge.reduce((total, byte) => total + byte, 0);
    huge.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const id = begin(account.jetstream, FILE);
    account.jetstream.transfers.restoring('S' as ByteString, id)?.take(reframed(huge));
    expect(account.env.memory.used).toBeLessThan(1_000_000);
    account.jetstream.transfers.abortAll();
    expectNothing(account);
  });

  it('counts for the account from its first message on, so that many at once have no more than one', () => {
    const source = used();
    const account = new Account();
    const bytes = source.jetstream.usage().storage;
    account.jetstream.limits = { ...account.jetstream.limits, maxStorage: bytes + 100 };
    const backup = backupOf(source);
    const first = begin(account.jetstream, FILE);
    account.jetstream.transfers.restoring('S' as ByteString, first)?.take(backup);
    expect(account.jetstream.usage().storage).toBe(bytes);
    account.jetstream.createStream({ name: 'T', subjects: ['t'], storage: 'file' });
    expect(account.env.request('t', 'x'.repeat(200))).toMatchObject({ error: { err_code: 10002 } });
    account.jetstream.transfers.abortAll();
    expect(account.env.request('t', 'x'.repeat(200))).toEqual({ stream: 'T', seq: 1 });
  });

  it('is told of in the account: beginning and end, with the bytes', () => {
    const source = used();
    const backup = backupOf(source);
    const account = emptyAt(source);
    restore(account, FILE, backup);
    const told = account.env.advisories.map(({ subject }) => subject.split('.').slice(3).join('.'));
    expect(told.filter((one) => one.startsWith('STREAM'))).toEqual([
      'STREAM.RESTORE_CREATE.S',
      'STREAM.CREATED.S',
      'STREAM.RESTORE_COMPLETE.S',
    ]);
    expect(account.env.advisories.at(-1)?.body).toMatchObject({
      stream: 'S',
      bytes: backup.length,
      client: {},
    });
  });
});

describe('a backup', () => {
  it('is there for streams in file storage only', () => {
    const account = accountWith({ storage: 'memory' });
    expect(() => backupOf(account)).toThrow('snapshot failed: no impl');
  });

  it('ends when the stream goes, when nobody listens any more, and with JetStream', () => {
    for (const end of ['delete', 'leave', 'abort'] as const) {
      const account = used();
      let listens = true;
      let sent = 0;
      const sink = {
        subject: 'to.me' as ByteString,
        interested: () => listens,
        send: () => Boolean(++sent),
      };
      const asked = { withConsumers: true, chunkSize: 1024, windowSize: 2048 };
      account.jetstream.transfers.snapshot('S' as ByteString, asked, sink, {});
      account.env.drain();
      expect(sent).toBe(0);
      account.env.listen('to.me');
      account.env.drain();
      expect(sent).toBe(2);
      if (end === 'delete') account.jetstream.deleteStream('S' as ByteString);
      if (end === 'leave') listens = false;
      if (end === 'abort') account.jetstream.transfers.abortAll();
      account.env.advance(5_000);
      expect([end, account.jetstream.transfers.size, sent]).toEqual([end, 0, end === 'delete' ? 3 : 2]);
    }
  });

  it('is bounded in number, with restores', () => {
    const account = used();
    const sink = { subject: 'to.me' as ByteString, interested: () => true, send: () => true };
    const asked = { withConsumers: true, chunkSize: 1024, windowSize: 1024 };
    for (let n = 0; n < 16; n++) account.jetstream.transfers.snapshot('S' as ByteString, asked, sink, {});
    expect(() => account.jetstream.transfers.snapshot('S' as ByteString, asked, sink, {})).toThrow(
      'insufficient',
    );
    account.jetstream.transfers.abortAll();
    expect(account.jetstream.transfers.size).toBe(0);
  });

  it('names the consumers as they were made, ephemeral ones too', () => {
    const account = new Account();
    account.jetstream.createStream(FILE);
    createConsumer(account.stream, { ack_policy: 'explicit', inactive_threshold: 60 * SECOND }, '', false);
    const copy = emptyAt(account);
    restore(copy, FILE, backupOf(account));
    expect(copy.consumers()).toEqual(account.consumers());
  });
});
