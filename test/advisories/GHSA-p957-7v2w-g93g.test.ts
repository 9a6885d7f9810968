import { describe, expect, it } from 'vitest';
import { CONNECT } from '../server/tls-world.ts';
import { frame, start, upgrade, websocketPort } from '../server/websocket-world.ts';

/**
 * The path of a WebSocket chose its protocol, also one that was not configured, and the first packet of it ended the
 * process. The promise: a feature that is not configured cannot be reached.
 */
const CONFIG = { jetstream: 'enabled', websocket: { port: -1, host: '127.0.0.1', no_tls: true } };
const MQTT_CONNECT = Buffer.from('\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc', 'latin1');

describe('GHSA-p957-7v2w-g93g', () => {
  it.each(['/mqtt', '/mqtt/', '/MQTT', '/%6dqtt', '//mqtt', '/./mqtt?x', '/leafnode', '/leafnode/x'])(
    '%s is not there',
    async (path) => {
      const server = await start(CONFIG);
      const ear = await upgrade(websocketPort(server), {
        path,
        headers: { 'Sec-WebSocket-Protocol': 'mqtt' },
      });
      await ear.send(frame(MQTT_CONNECT)).ends();
      expect(ear.text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      const other = await upgrade(websocketPort(server));
      await other.send(frame(CONNECT)).hears('PONG');
    },
  );

  it('the path of clients speaks the protocol of clients only', async () => {
    const server = await start(CONFIG);
    const ear = await upgrade(websocketPort(server), { headers: { 'Sec-WebSocket-Protocol': 'mqtt' } });
    await ear.send(frame(MQTT_CONNECT)).hears("-ERR 'Unknown Protocol Operation'");
    await ear.ends();
  });
});
