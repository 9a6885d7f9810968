import { describe, expect, it } from 'vitest';
import { ConfigError, startServer } from '../../src/index.ts';
import { DOORS, SHOWN_CERTIFICATES, spokenOf } from './doors-varz.ts';
import { CONNECT, dial, secure, start, VERIFYING_TLS } from './tls-world.ts';

interface Pages {
  monitor(target: string): unknown;
}

function varzOf(server: Pages): Record<string, unknown> {
  return server.monitor('/varz') as Record<string, unknown>;
}

describe('of the listeners', () => {
  it.each(DOORS)('INFO and /varz tell of $name what the real server does', async (each) => {
    const server = await start({ host: '127.0.0.1', ...each.config });
    expect(spokenOf(varzOf(server), each)).toEqual(each.varz);
    if (each.told === undefined) return;
    const { info } = await dial(server.port).hears('}');
    const [host, port] = each.told;
    expect([info['host'], info['port']]).toEqual([host, port === 'own' ? server.port : port]);
  });

  it.each([
    ['a:b', 'strconv.Atoi: parsing "b": invalid syntax'],
    ['x:', 'strconv.Atoi: parsing "": invalid syntax'],
    ['::1', 'address ::1: too many colons in address'],
    ['nats://x:7', 'address nats://x:7: too many colons in address'],
    ['a:99999', 'address 99999: invalid port'],
  ])('an advertised address like %s is refused, and a reload to it too', async (text, why) => {
    const message = `invalid ClientAdvertise value of ${text}, err=${why}`;
    const config = { client_advertise: text };
    await expect(startServer({ config })).rejects.toThrow(message);
    const server = await start({ client_advertise: 'a:1' });
    await expect(server.reload(config)).rejects.toBeInstanceOf(ConfigError);
    expect(varzOf(server)).toMatchObject({ host: 'a', port: 1 });
    await server.reload({ client_advertise: 'b' });
    expect(varzOf(server)).toMatchObject({ host: 'b', port: server.port });
  });

  it('the digest is that of the configuration in force', async () => {
    const server = await start({ max_payload: 1000 });
    const { config_digest: before } = varzOf(server);
    expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
    await server.reload({ max_payload: 2000 });
    expect(varzOf(server)['config_digest']).not.toBe(before);
    await server.reload({ max_payload: 1000 });
    expect(varzOf(server)['config_digest']).toBe(before);
  });
});

describe('of certificates that clients showed', () => {
  it.each(SHOWN_CERTIFICATES)(
    '/connz?auth=1 tells subject and digests: $client',
    async ({ client, ...shown }) => {
      const server = await start({ tls: VERIFYING_TLS });
      const plain = await dial(server.port).hears('\r\n');
      await secure(plain, client).send(CONNECT).hears('PONG');
      const listed = (query: string): unknown =>
        (server.monitor(`/connz${query}`) as { connections: object[] }).connections[0];
      expect(listed('?auth=1')).toMatchObject({ tls_peer_certs: [shown] });
      expect(listed('')).not.toHaveProperty('tls_peer_certs');
      server.disconnect();
      expect(listed('?auth=1&state=closed')).not.toHaveProperty('tls_peer_certs');
    },
  );
});
