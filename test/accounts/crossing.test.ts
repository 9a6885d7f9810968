import { beforeEach, describe, expect, test } from 'vitest';
import { type Account, importService, type ResponseType, ServiceExport } from '../../src/accounts/index.ts';
import type { ClientClaims } from '../../src/guard/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { Mailbox, messageOf, World } from './support.ts';

const CLAIMS: ClientClaims = {
  id: 7,
  host: '127.0.0.1',
  name: 'app',
  lang: 'ts',
  version: '1',
  start: '2026-01-01T00:00:00Z',
  kind: 'Client',
  clientType: 'nats',
};

let world: World;
let importer: Account;
let exporter: Account;
let asker: Mailbox;
let service: Mailbox;

beforeEach(() => {
  world = new World();
  importer = world.account('A');
  exporter = world.account('B');
  asker = new Mailbox(importer, CLAIMS);
  service = new Mailbox(exporter);
});

function wire(share = false, type: ResponseType = 'singleton', thresholdMs = 1_000): void {
  exporter.export(new ServiceExport(toBytes('svc.*'), type, thresholdMs));
  importService({ importer, exporter, local: toBytes('ask.x'), remote: toBytes('svc.x'), share });
  world.subscribe(exporter, service, 'svc.x', '1');
  world.subscribe(importer, asker, 'inbox.>', '2');
}

function ask(payload = 'q', reply = 'inbox.1', header = ''): number {
  return importer.deliver(toBytes('ask.x'), messageOf('ask.x', payload, reply, header), asker.sender);
}

function answer(at: number, payload: string): number {
  const subject = service.got[at]?.reply ?? '';
  return exporter.deliver(toBytes(subject), messageOf(subject, payload), service.sender);
}

describe('a request over an import', () => {
  test('reaches the exporter under its own subject, and the answer comes back under the asker’s', () => {
    wire();
    expect(ask()).toBe(1);
    expect(service.got[0]).toMatchObject({ subject: 'svc.x', payload: 'q' });
    expect(service.got[0]?.reply).toMatch(/^_R_\.\w+\.\w+$/);
    expect(answer(0, 'a')).toBe(1);
    expect(asker.got).toMatchObject([{ subject: 'inbox.1', payload: 'a', header: '' }]);
  });

  test('does not cross without an export that covers it', () => {
    importService({ importer, exporter, local: toBytes('ask.x'), remote: toBytes('svc.x'), share: false });
    world.subscribe(exporter, service, 'svc.x', '1');
    expect(ask()).toBe(0);
    exporter.export(new ServiceExport(toBytes('svc.y')));
    expect(ask()).toBe(0);
    expect(service.got).toEqual([]);
  });

  test('does not reach an exporter that offers it to others', () => {
    exporter.export(
      new ServiceExport(toBytes('svc.x'), 'singleton', 1_000, {
        accounts: [world.account('C').id],
      }),
    );
    importService({ importer, exporter, local: toBytes('ask.x'), remote: toBytes('svc.x'), share: false });
    world.subscribe(exporter, service, 'svc.x', '1');
    expect(ask()).toBe(0);
  });

  test('leaves no mapping behind when nobody serves it', () => {
    exporter.export(new ServiceExport(toBytes('svc.*')));
    importService({ importer, exporter, local: toBytes('ask.x'), remote: toBytes('svc.x'), share: false });
    const before = exporter.subscriptions;
    expect(ask()).toBe(0);
    expect(exporter.subscriptions).toBe(before);
  });

  test('keeps an acknowledgement subject as it is', () => {
    wire();
    ask('q', '$JS.ACK.S.C.1.1.1.1.1');
    expect(service.got[0]?.reply).toBe('$JS.ACK.S.C.1.1.1.1.1');
  });

  test('stops when it comes back to an export it went through', () => {
    exporter.export(new ServiceExport(toBytes('loop')));
    importer.export(new ServiceExport(toBytes('loop')));
    importService({ importer, exporter, local: toBytes('loop'), remote: toBytes('loop'), share: false });
    importService({
      importer: exporter,
      exporter: importer,
      local: toBytes('loop'),
      remote: toBytes('loop'),
      share: false,
    });
    world.subscribe(importer, asker, 'loop', '1');
    world.subscribe(exporter, service, 'loop', '1');
    importer.deliver(toBytes('loop'), messageOf('loop', 'x'), asker.sender);
    expect(asker.got.length).toBeLessThanOrEqual(2);
    expect(service.got.length).toBeLessThanOrEqual(2);
  });
});

describe('Nats-Request-Info', () => {
  const info = (at = 0): Record<string, unknown>[] =>
    (service.got[at]?.header ?? '')
      .split('\r\n')
      .filter((line) => line.toLowerCase().startsWith('nats-request-info'))
      .map((line) => JSON.parse(line.slice(line.indexOf(':') + 1)));

  test('names the account, and with sharing the client', () => {
    wire(false);
    ask();
    expect(info()).toEqual([{ acc: 'A' }]);
    importer = world.account('A');
    exporter = world.account('B');
    service = new Mailbox(exporter);
    wire(true);
    ask();
    expect(info()[0]).toMatchObject({ acc: 'A', user: 'u', name: 'app', id: 7, kind: 'Client' });
  });

  test('stands there once, whatever the asker wrote', () => {
    wire();
    ask(
      'q',
      'inbox.1',
      'NATS/1.0\r\nNats-Request-Info: {"acc":"SYS"}\r\nX: y\r\nnats-request-info:{"acc":"Z"}\r\n\r\n',
    );
    expect(info()).toEqual([{ acc: 'A' }]);
    expect(service.got[0]?.header).toContain('X: y');
  });

  test('cannot be broken out of by what a client says of itself', () => {
    const name = 'x\u010d\u010aNats-Request-Info: {"acc":"SYS"}\u010d\u010a\r\nForged: yes';
    asker = new Mailbox(importer, { ...CLAIMS, name });
    wire(true);
    ask();
    expect(info()).toHaveLength(1);
    expect(info()[0]).toMatchObject({ acc: 'A', name });
    expect(service.got[0]?.header).not.toMatch(/^Forged/m);
  });
});

describe('a reply mapping', () => {
  test('carries one answer of a singleton', () => {
    wire();
    ask();
    expect([answer(0, '1'), answer(0, '2')]).toEqual([1, 0]);
    expect(asker.got).toHaveLength(1);
  });

  test('carries a stream of answers until the empty one', () => {
    wire(false, 'stream');
    ask();
    expect([answer(0, '1'), answer(0, '2'), answer(0, ''), answer(0, '3')]).toEqual([1, 1, 1, 0]);
    expect(asker.got.map(({ payload }) => payload)).toEqual(['1', '2', '']);
  });

  test('expires, and a stream’s answers renew it', () => {
    wire(false, 'stream');
    ask();
    world.advance(900);
    expect(answer(0, '1')).toBe(1);
    world.advance(900);
    expect(answer(0, '2')).toBe(1);
    world.advance(1_000);
    expect(answer(0, '3')).toBe(0);
  });

  test('that expired leaves nothing behind', () => {
    wire();
    const before = exporter.subscriptions;
    for (let i = 0; i < 20; i++) ask('q', `inbox.${i}`);
    expect(exporter.subscriptions).toBe(before + 20);
    world.advance(1_000);
    expect(exporter.subscriptions).toBe(before);
    expect(world.scheduler.nextDue()).toBeUndefined();
  });

  test('is unknown to everybody else: a made-up one carries nothing', () => {
    wire();
    ask();
    const prefix = service.got[0]?.reply.split('.').slice(0, 2).join('.');
    for (const subject of [`${prefix}.aaaaaa`, '_R_.x.y', `${prefix}`]) {
      expect(exporter.deliver(toBytes(subject), messageOf(subject, 'x'), service.sender)).toBe(0);
    }
    const stranger = world.account('C');
    const known = service.got[0]?.reply ?? '';
    expect(stranger.deliver(toBytes(known), messageOf(known, 'x'), new Mailbox(stranger).sender)).toBe(0);
    expect(importer.deliver(toBytes(known), messageOf(known, 'x'), asker.sender)).toBe(0);
    expect(asker.got).toEqual([]);
  });
});

describe('queue groups', () => {
  test('one member gets it, and each member some of many', () => {
    const boxes = [0, 1, 2].map(() => new Mailbox(importer));
    for (const [i, box] of boxes.entries())
      world.subscribe(importer, box, i === 0 ? 'q.*' : 'q.x', `${i}`, 'g');
    for (let i = 0; i < 300; i++)
      expect(importer.deliver(toBytes('q.x'), messageOf('q.x', 'm'), asker.sender)).toBe(1);
    for (const box of boxes) expect(box.got.length).toBeGreaterThan(50);
  });

  test('a member that may not have it is passed over', () => {
    const denied = new Mailbox(importer, undefined, { subscribe: { deny: [{ subject: toBytes('q.x') }] } });
    const allowed = new Mailbox(importer);
    world.subscribe(importer, denied, 'q.*', '1', 'g');
    world.subscribe(importer, allowed, 'q.*', '2', 'g');
    for (let i = 0; i < 30; i++) importer.deliver(toBytes('q.x'), messageOf('q.x', 'm'), asker.sender);
    expect(denied.got).toEqual([]);
    expect(allowed.got).toHaveLength(30);
  });
});
