import { readdirSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfigFile } from '../../src/config/index.ts';
import { audit } from '../../src/index.ts';
import { client, serve } from '../e2e/support.ts';
import { ROOT } from './pages.ts';

/** Examples that are there to be refused. */
const REFUSED = ['shut-doors.conf'];
const SHARED = `${ROOT}examples/jetstream-across-accounts.conf`;

describe('the example configurations', () => {
  const names = readdirSync(`${ROOT}examples`).filter((name) => name.endsWith('.conf'));

  it.each(names)('%s is read, or refused where that is what it shows', (name) => {
    const load = () => loadConfigFile(`${ROOT}examples/${name}`);
    if (REFUSED.includes(name)) expect(load).toThrow(ConfigError);
    else expect(load().warnings.filter(({ key }) => key !== 'password')).toEqual([]);
  });
});

describe('examples/jetstream-across-accounts.conf', () => {
  /** The owner's stream and consumers, and a client of each account. */
  async function world() {
    const server = await serve({ configFile: SHARED, port: 0 });
    const as = (user: string) => client(server, { user, pass: `pw-${user}` });
    const [store, shop, auditor] = await Promise.all([as('store'), as('shop'), as('audit')]);
    const manager = await jetstreamManager(store);
    await manager.streams.add({ name: 'ORDERS', subjects: ['orders.*'] });
    await manager.consumers.add('ORDERS', { durable_name: 'SHIPPING', ack_policy: 'explicit' });
    await manager.consumers.add('ORDERS', { durable_name: 'OTHER', ack_policy: 'explicit' });
    const seen = auditor.subscribe('orders.seen', { max: 1 });
    await auditor.flush();
    await manager.consumers.add('ORDERS', {
      durable_name: 'AUDIT',
      ack_policy: 'none',
      deliver_subject: 'deliver.audit',
    });
    return { server, store, shop, auditor, manager, seen };
  }

  it('lets SHOP put in, take out and acknowledge, and AUDIT look on', async () => {
    const { shop, manager, seen } = await world();
    expect((await shop.request('orders.new', 'tea')).json()).toEqual({ stream: 'ORDERS', seq: 1 });
    for await (const message of seen) expect(message.string()).toBe('tea');
    const js = jetstream(shop, { apiPrefix: 'store', checkAPI: false });
    const consumer = await js.consumers.get('ORDERS', 'SHIPPING');
    const message = await consumer.next({ expires: 2_000 });
    expect(message?.string()).toBe('tea');
    expect(await message?.ackAck()).toBe(true);
    expect((await manager.consumers.info('ORDERS', 'SHIPPING')).num_ack_pending).toBe(0);
  });

  it.each([
    'store.STREAM.INFO.ORDERS',
    'store.STREAM.DELETE.ORDERS',
    'store.CONSUMER.MSG.NEXT.ORDERS.OTHER',
    '$JS.ACK.ORDERS.OTHER.1.1.1.1.0',
    'orders.deleted',
    'deliver.audit',
  ])('gives neither of them %s', async (subject) => {
    const { shop, auditor, store } = await world();
    const reached = store.subscribe(subject.replace('store.', '$JS.API.'));
    await store.flush();
    for (const each of [shop, auditor])
      await expect(each.request(subject, '+ACK')).rejects.toThrow(/no resp/i);
    await store.flush();
    expect(reached.getReceived()).toBe(0);
  });

  it('opens nothing but these doors', async () => {
    const { flows } = await audit({ configFile: SHARED });
    const crossing = flows
      .filter(({ to }) => to !== '$SYS')
      .map(({ from, to, kind }) => `${from} ${kind} ${to}`);
    expect(crossing.sort()).toEqual(['SHOP request STORE', 'STORE message AUDIT', 'STORE reply SHOP']);
  });
});
