import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConsumer } from '../../src/jetstream/consumer/consumer-admin.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import { StateError } from '../../src/jetstream/state/index.ts';
import type { ByteString } from '../../src/subjects/index.ts';
import {
  Account,
  accountWith,
  commands,
  loadInto,
  look,
  perform,
  saved,
  streams,
} from './fixtures-support.ts';
import { TestSink } from './support.ts';

describe('saved and loaded streams', () => {
  it('look the same as before, and behave the same from then on', () => {
    fc.assert(
      fc.property(fc.constantFrom(...streams), commands, commands, (config, before, after) => {
        const account = accountWith(config);
        for (const command of before) perform(account, command);
        const copy = account.copy();
        const { nextDue: _a, ...original } = look(account) as Record<string, unknown>;
        const { nextDue: _b, ...copied } = look(copy) as Record<string, unknown>;
        expect(copied).toEqual(original);
        for (const command of after) {
          expect([command, perform(copy, command)]).toEqual([command, perform(account, command)]);
        }
        expect(look(copy)).toMatchObject({ state: account.stream.state({ deletedDetails: true }) });
      }),
      { numRuns: 60 },
    );
  });

  it('give everything back when they are put away, also to the streams they replace', () => {
    fc.assert(
      fc.property(fc.constantFrom(...streams), commands, (config, before) => {
        const account = accountWith(config);
        for (const command of before) perform(account, command);
        const bytes = saved(account.jetstream);
        const usage = account.jetstream.usage();
        loadInto(account.jetstream, bytes);
        expect(account.jetstream.usage()).toEqual(usage);
        account.jetstream.deleteAll();
        account.env.drain();
        expect([account.env.memory.used, account.jetstream.usage()]).toMatchObject([
          0,
          { memory: 0, storage: 0 },
        ]);
        expect(account.env.scheduler.nextDue()).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('that somebody made up are loaded or refused, and what is refused changes nothing', () => {
    const source = accountWith(streams[0] ?? {});
    for (let pick = 0; pick < 12; pick++) perform(source, { do: 'publish', pick, more: pick });
    for (let pick = 0; pick < 6; pick++) perform(source, { do: 'fetch', pick, more: 3 });
    const bytes = saved(source.jetstream);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        const account = accountWith({ storage: 'memory' });
        const before = look(account);
        const held = account.env.memory.used;
        try {
          loadInto(account.jetstream, changed);
        } catch (error) {
          expect(error).toBeInstanceOf(StateError);
          expect(look(account)).toEqual(before);
          expect(account.env.memory.used).toBe(held);
        }
        account.jetstream.deleteAll();
        account.env.drain();
        expect(account.env.memory.used).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('send what is scheduled at its time, counted from the time of loading', () => {
    const account = new Account();
    account.jetstream.createStream({
      name: 'S',
      subjects: ['s.*'],
      allow_msg_schedules: true,
      allow_msg_ttl: true,
    });
    const at = new Date(account.env.clock.ms + 5_000).toISOString();
    const header = `NATS/1.0\r\nNats-Schedule: @at ${at}\r\nNats-Schedule-Target: s.b\r\n\r\n`;
    expect(account.env.request('s.a', 'later', header)).toMatchObject({ seq: 1 });
    account.env.advance(1_000);
    for (const later of [0, 60_000]) {
      const copy = account.copy(later);
      copy.env.advance(3_999);
      expect(copy.stream.store.lastOnSubject('s.b' as ByteString)).toBe(0);
      copy.env.advance(1);
      expect(copy.stream.store.lastOnSubject('s.b' as ByteString)).toBeGreaterThan(0);
    }
  });

  it('take from their sources what comes next, and nothing again that is gone', () => {
    const account = new Account();
    account.jetstream.createStream({ name: 'O', subjects: ['o'] });
    account.jetstream.createStream({ name: 'S', subjects: ['s.*'], sources: [{ name: 'O' }] });
    for (const body of ['1', '2', '3']) account.env.request('o', body);
    account.env.drain();
    expect(account.stream.store.messages).toBe(3);
    for (const seq of [1, 2, 3]) account.stream.remove(seq, false);
    const copy = account.copy();
    copy.env.drain();
    expect(copy.stream.store.messages).toBe(0);
    copy.env.request('o', '4');
    copy.env.drain();
    expect(copy.stream.store.messages).toBe(1);
  });

  it('know who is pinned', () => {
    const account = new Account();
    account.jetstream.createStream({ name: 'S', subjects: ['s.*'] });
    const config: ConsumerConfigInput = {
      name: 'c',
      ack_policy: 'explicit',
      priority_policy: 'pinned_client',
    };
    const consumer = createConsumer(
      account.stream,
      { ...config, priority_groups: ['g'], priority_timeout: 60e9 },
      '',
      false,
    );
    account.env.request('s.a', 'x');
    consumer.next({ batch: 1, group: 'g' }, new TestSink('_INBOX.x'));
    account.env.drain();
    const copy = account.copy();
    expect(copy.stream.consumer('c' as ByteString).info()).toEqual(consumer.info());
    expect(JSON.stringify(consumer.info())).toContain('pinned_client_id');
  });
});
