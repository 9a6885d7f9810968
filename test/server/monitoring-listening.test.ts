import { get as getSecure } from 'node:https';
import { createServer as createTcp, type Server as TcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfig, unreloadable } from '../../src/config/index.ts';
import { serve } from '../system/support.ts';
import { get, json, monitored } from './monitoring-support.ts';

const CERT = fileURLToPath(new URL('../certs/server.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../certs/server.key', import.meta.url));
const CA = fileURLToPath(new URL('../certs/ca.pem', import.meta.url));
const TLS = `tls { cert_file: "${CERT}", key_file: "${KEY}", ca_file: "${CA}", verify: true }\n`;

describe('the configuration of monitoring', () => {
  it.each([
    ['port: 4222', { httpPort: 0, httpsPort: 0, basePath: '' }],
    ['http: 8222', { httpPort: 8222, httpsPort: 0, basePath: '' }],
    ['http_port: 8222', { httpPort: 8222, httpsPort: 0, basePath: '' }],
    ['monitor_port: -1', { httpPort: -1, httpsPort: 0, basePath: '' }],
    ['http: "localhost:8222"', { host: 'localhost', httpPort: 8222, httpsPort: 0, basePath: '' }],
    ['https: "[::1]:8222"', { host: '::1', httpPort: 0, httpsPort: 8222, basePath: '' }],
    ['http: 1\nhttp_port: 2', { httpPort: 2, httpsPort: 0, basePath: '' }],
    ['https_port: 3\nhttp_base_path: "a//b/"', { httpPort: 0, httpsPort: 3, basePath: '/a/b' }],
    ['http_base_path: "/"', { httpPort: 0, httpsPort: 0, basePath: '' }],
  ])('%j is read', (config, wanted) => {
    expect(parseConfig(config).options.monitoring).toEqual(wanted);
  });

  it.each([
    ['http: foo', 'could not parse address string "foo"'],
    ['http: "a:b"', 'could not parse port "b"'],
    ['http: true', 'expected port or host:port, got bool'],
    ['http_port: 70000', 'address 70000: invalid port'],
    ['https_port: -5', 'address -5: invalid port'],
  ])('%j is refused', (config, text) => {
    expect(() => parseConfig(config)).toThrow(text);
  });

  it.each([
    ['http: 2', 'HTTPPort: old=1, new=2'],
    ['http: "127.0.0.1:1"', 'HTTPHost: old=, new=127.0.0.1'],
    ['http: 1\nhttp_base_path: x', 'HTTPBasePath: old=, new=/x'],
    ['port: 4222', 'HTTPPort: old=1, new=0'],
  ])('cannot become %j while the server runs', (after, text) => {
    const [old, now] = ['http: 1', after].map((config) => parseConfig(config).options);
    expect(old && now && unreloadable(old, now)).toEqual([text]);
  });
});

describe('monitoring', () => {
  it('is not there unless it is configured', async () => {
    const server = serve('port: 4222');
    await server.listen('127.0.0.1', 0);
    expect(server.monitoringUrl).toBeUndefined();
    expect(JSON.parse(server.monitor('/varz').body)).toMatchObject({
      http_host: '',
      http_port: 0,
      https_port: 0,
    });
  });

  it('is where the clients are, and says so', async () => {
    const lines: string[] = [];
    const log = { isOn: () => true, write: (_: string, text: string) => void lines.push(text) };
    const server = serve('http: -1', { log });
    const host = server.options.host;
    await server.listen(host, 0);
    const port = Number(new URL(server.monitoringUrl ?? '').port);
    expect(lines).toContain(`Starting http monitor on ${host}:${port}`);
    expect(await json(server, '/varz')).toMatchObject({ http_host: host, http_port: port });
    await server.stop();
    expect(JSON.parse(server.monitor('/varz').body)).toMatchObject({ http_port: 0 });
  });

  it('says in the words of the real server why it cannot be', async () => {
    const taken = await listening();
    const { port } = taken.address() as { port: number };
    const at = `127.0.0.1:${port}`;
    for (const [config, text] of [
      [`http: "${at}"`, `can't listen to the monitor port: listen tcp ${at}: bind: address already in use`],
      ['http: 1\nhttps: 2', "can't specify both HTTP (1) and HTTPs (2) ports"],
      ['https: 2', 'TLS cert and key required for HTTPS'],
    ] as const) {
      const server = serve(config);
      await expect(server.listen('127.0.0.1', 0)).rejects.toThrow(`Can't start monitoring: ${text}`);
      expect(server.port).toBeUndefined();
    }
    await new Promise((resolve) => taken.close(resolve));
  });

  it('leaves nothing open where the clients cannot be listened for', async () => {
    const taken = await listening();
    const server = serve('http: "127.0.0.1:-1"');
    await expect(server.listen('127.0.0.1', (taken.address() as { port: number }).port)).rejects.toThrow(
      'EADDRINUSE',
    );
    await server.stop();
    await expect(get(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
    await new Promise((resolve) => taken.close(resolve));
  });

  it('stays where it is while the server starts anew', async () => {
    const server = await monitored('');
    const before = server.monitoringUrl;
    await server.restart();
    expect(server.monitoringUrl).toBe(before);
    expect((await get(server, '/healthz')).status).toBe(200);
  });

  it('is spoken over TLS where that is configured, and wants no certificate of those who ask', async () => {
    const server = serve(`https: "127.0.0.1:-1"\n${TLS}`);
    await server.listen('127.0.0.1', 0);
    const url = server.monitoringUrl ?? '';
    expect(url).toMatch(/^https:/);
    const body = await new Promise<string>((resolve, reject) => {
      const asked = getSecure(`${url}/varz`, { rejectUnauthorized: false, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8');
        });
        response.on('end', () => resolve(text));
      });
      asked.on('error', reject);
    });
    expect(JSON.parse(body)).toMatchObject({ http_port: 0, https_port: Number(new URL(url).port) });
    await expect(get(server, '/varz')).rejects.toThrow();
  });
});

function listening(): Promise<TcpServer> {
  const taken = createTcp();
  return new Promise((resolve) => taken.listen(0, '127.0.0.1', () => resolve(taken)));
}
