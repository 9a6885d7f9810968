import { describe, expect, it } from 'vitest';
import type { StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { House, SECOND, verdict } from './stream-support.ts';

const marker = (seq: number, subject: string, ttl: string): string =>
  `${seq} ${subject} {Nats-Marker-Reason: MaxAge, Nats-TTL: ${ttl}, Nats-Rollup: sub}`;

const withMarkers = (seconds: number, more: StreamConfigInput = {}): House =>
  new House({ subject_delete_marker_ttl: seconds * SECOND, ...more });

describe('subject_delete_marker_ttl', () => {
  it.each([
    [-1, 'subject delete marker TTL must not be negative'],
    [SECOND / 2, 'subject delete marker TTL must be at least 1 second'],
    [SECOND, 'ok'],
  ])('of %d ns: %s', (ttl, said) => {
    expect(verdict({ subject_delete_marker_ttl: ttl })).toBe(said);
  });

  it('switches on what it needs', () => {
    const { stream } = withMarkers(60, { deny_purge: true });
    const { allow_msg_ttl, allow_rollup_hdrs, deny_purge, metadata } = stream.config;
    expect([allow_msg_ttl, allow_rollup_hdrs, deny_purge]).toEqual([true, true, false]);
    expect(metadata?.['_nats.req.level']).toBe('1');
  });
});

describe('expire', () => {
  // All of these were run on 2.14.5.
  it('leaves a marker for the last message of a subject, which then goes without another one', () => {
    const house = withMarkers(2);
    house.put('m.a', { 'Nats-TTL': '2' });
    house.put('m.b', { 'Nats-TTL': '3' });
    house.put('m.b');
    house.env.advance(1999);
    expect(house.held()).toHaveLength(3);
    house.env.advance(1);
    expect(house.held()).toEqual(['2 m.b {Nats-TTL: 3} x', '3 m.b {} x', marker(4, 'm.a', '2s')]);
    house.env.advance(2000);
    expect(house.held()).toEqual(['3 m.b {} x']);
    house.env.advance(1e9);
    expect(house.stream.store.lastSeq).toBe(4);
  });

  it('leaves one marker when several go at once', () => {
    const house = withMarkers(1);
    for (const subject of ['m.a', 'm.a', 'm.b', 'm.a']) house.put(subject, { 'Nats-TTL': '1' });
    house.env.advance(1000);
    expect(house.held()).toEqual([marker(5, 'm.b', '1s'), marker(6, 'm.a', '1s')]);
  });

  it('leaves a marker for what max_age takes, which takes the marker in its turn', () => {
    const house = withMarkers(2, { max_age: SECOND });
    for (const subject of ['m.a', 'm.a', 'm.b']) house.put(subject);
    house.put('m.c', { 'Nats-TTL': 'never' });
    house.env.advance(1000);
    const lasting = '4 m.c {Nats-TTL: never} x';
    expect(house.held()).toEqual([lasting, marker(5, 'm.a', '2s'), marker(6, 'm.b', '2s')]);
    house.env.advance(1000);
    expect(house.held()).toEqual([lasting]);
  });

  it.each([
    [{ 'Nats-Marker-Reason': 'Foo' }, false],
    [{ 'Nats-Marker-Reason': '' }, true],
    [{ 'KV-Operation': 'DEL' }, true],
    [{ 'KV-Operation': 'PURGE' }, false],
    [{ 'KV-Operation': 'PURGEX' }, true],
    [{ 'Nats-Rollup': 'sub' }, true],
  ])('of a message with %j: a marker follows, %s', (headers, follows) => {
    const house = withMarkers(1, { max_msgs_per_subject: 1 });
    house.put('m.a', { ...headers, 'Nats-TTL': '1' } as Record<string, string>);
    house.env.advance(1000);
    expect(house.held()).toEqual(follows ? [marker(2, 'm.a', '1s')] : []);
  });

  it('leaves none while the subject has an older message', () => {
    const house = withMarkers(1);
    house.put('m.a', { 'Nats-TTL': 'never' });
    house.put('m.a', { 'Nats-TTL': '1' });
    house.env.advance(1000);
    expect(house.held()).toEqual(['1 m.a {Nats-TTL: never} x']);
  });

  it('leaves none for what a client, a limit or a roll-up takes', () => {
    const house = withMarkers(5, { max_msgs: 2 });
    house.put('m.a');
    house.stream.deleteMessage(1, false);
    for (const subject of ['m.b', 'm.c', 'm.d']) house.put(subject);
    house.put('m.e', { 'Nats-Rollup': 'all' });
    expect(house.held()).toEqual(['5 m.e {Nats-Rollup: all} x']);
    while (!house.stream.purge({ filter: toBytes('m.e') }).step(10));
    expect(house.held()).toEqual([]);
  });

  it('writes the marker under the stored subject, whatever becomes of published ones', () => {
    const house = withMarkers(1, { subject_transform: { src: '>', dest: 'n.>' } });
    house.put('m.a', { 'Nats-TTL': '1' });
    house.env.advance(1000);
    expect(house.held()).toEqual([marker(2, 'n.m.a', '1s')]);
  });

  it('puts the marker in the place of the message in a full stream', () => {
    const house = withMarkers(5, { max_msgs: 1, discard: 'new' });
    house.put('m.a', { 'Nats-TTL': '5' });
    house.env.advance(5000);
    expect(house.held()).toEqual([marker(2, 'm.a', '5s')]);
  });

  it('takes the message from a sealed stream, which stores no marker', () => {
    const house = withMarkers(1);
    house.put('m.a', { 'Nats-TTL': '1' });
    house.update({ subject_delete_marker_ttl: SECOND, sealed: true });
    house.env.advance(1000);
    expect(house.held()).toEqual([]);
  });

  it('obeys an update', () => {
    const house = withMarkers(1);
    house.put('m.a', { 'Nats-TTL': '1' });
    house.update({ allow_msg_ttl: true });
    house.env.advance(1000);
    expect(house.held()).toEqual([]);
  });
});

describe('a time to live shorter than that of markers', () => {
  it.each([
    [2.5, { Foo: '1', 'Nats-TTL': '1', Bar: '2' }, '{Foo: 1, Bar: 2, Nats-TTL: 2}'],
    [2.5, { 'Nats-TTL': '2s' }, '{Nats-TTL: 2s}'],
    [2.5, { 'Nats-TTL': '3000ms' }, '{Nats-TTL: 3000ms}'],
    [2.5, { 'Nats-TTL': 'never' }, '{Nats-TTL: never}'],
    [1.5, { 'Nats-TTL': '1' }, '{Nats-TTL: 1}'],
    [3600, { 'Nats-TTL': '1m' }, '{Nats-TTL: 3600}'],
  ])('is raised, in whole seconds: %d s, %j', (seconds, headers, lines) => {
    const house = withMarkers(seconds);
    house.put('m.a', headers as Record<string, string>);
    expect(house.held()).toEqual([`1 m.a ${lines} x`]);
  });

  it('lives so long', () => {
    const house = withMarkers(3);
    house.put('m.a', { 'Nats-TTL': '1', 'Nats-Msg-Id': 'i' });
    expect(house.put('m.a', { 'Nats-Msg-Id': 'i' })).toBe('1 again');
    house.env.advance(2999);
    expect(house.held()).toHaveLength(1);
    house.env.advance(1);
    expect(house.held()).toEqual([marker(2, 'm.a', '3s')]);
  });

  it('stays as it is with one message a subject', () => {
    const house = withMarkers(5, { max_msgs_per_subject: 1 });
    house.put('m.a', { 'Nats-TTL': '1' });
    house.env.advance(1000);
    expect(house.held()).toEqual([marker(2, 'm.a', '5s')]);
    house.put('m.a');
    expect(house.held()).toEqual(['3 m.a {} x']);
  });
});
