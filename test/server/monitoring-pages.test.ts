import { describe, expect, it } from 'vitest';
import { monitor } from '../../src/system/index.ts';
import { fieldsOf, fixed, get, json, monitored, RECORDED, recordedWorld } from './monitoring-support.ts';

describe('a page', () => {
  it('has the fields, types and order of the real server', async () => {
    const server = await recordedWorld();
    expect(RECORDED.pages.length).toBeGreaterThan(25);
    for (const { target, fields } of RECORDED.pages) {
      const got = fieldsOf(await json(server, target));
      expect({ target, fields: fixed(got) }).toEqual({ target, fields: fixed(fields) });
    }
  });

  it('refuses, and tells of health, in the words of the real server', async () => {
    const server = await recordedWorld();
    expect(RECORDED.answers.length).toBeGreaterThan(30);
    for (const { target, ...wanted } of RECORDED.answers) {
      const { status, type, body } = await get(server, target);
      expect({ target, status, type, body }).toEqual({ target, ...wanted });
    }
  });

  it('says of a server without JetStream what the real server says', async () => {
    const server = await monitored('');
    const report = await json(server, '/jsz');
    expect(report).toMatchObject({
      disabled: true,
      config: { max_memory: 0, max_storage: 0 },
      api: { level: 0 },
    });
    expect(report).not.toHaveProperty('limits');
    expect(await json(server, '/varz')).toMatchObject({ jetstream: {} });
    for (const query of ['js-enabled-only=1', 'account=A', 'account=A&stream=S'])
      expect((await get(server, `/healthz?${query}`)).body).toBe('{"status":"ok"}');
  });

  it('is laid out for people, with the characters of markup escaped', async () => {
    const server = await recordedWorld();
    const { body } = await get(server, '/accountz?acc=A');
    expect(body).toContain('\n    "exports": [\n      {\n        "subject": "svc.\\u003e",');
    expect(body).toBe(`${JSON.stringify(JSON.parse(body), null, 2)}`.replaceAll('>', '\\u003e'));
  });

  it('is counted under its path, the request itself included', async () => {
    const server = await monitored('');
    for (const target of ['/', '/connz?limit=x', '/subscriptionsz', '/subsz', '/nothing', '/varz'])
      await get(server, target);
    const { http_req_stats: counts } = await json<{ http_req_stats: object }>(server, '/varz');
    expect(Object.entries(counts)).toEqual([
      ['/', 1],
      ['/connz', 1],
      ['/subsz', 2],
      ['/varz', 2],
    ]);
  });
});

describe('rulesz', () => {
  it('shows how often rules allowed and refused', async () => {
    const server = await recordedWorld();
    const shown = await json<{ rules: { rule: string; allowed: number; refused: number }[] }>(
      server,
      '/rulesz',
    );
    const counters = server.ruleCounters();
    const got = shown.rules.map(({ rule, allowed, refused }) => [rule, { allowed, refused }]);
    expect(Object.fromEntries(got)).toEqual(counters);
    expect(got.length).toBeGreaterThan(2);
    const all = await json<{ rules: unknown[] }>(server, '/rulesz?all=1');
    expect(all.rules.length).toBeGreaterThan(got.length);
  });
});

describe('the index', () => {
  it('leads to every page, all of which answer', async () => {
    const server = await monitored('server_name: "<b>&name"\nhttp_base_path: nats/mon');
    const { type, body } = await get(server, '/nats/mon');
    expect(type).toBe('text/html; charset=utf-8');
    expect(body).toContain('<h1>&lt;b&gt;&amp;name</h1>');
    const links = [...body.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
    for (const { path } of monitor.PAGES) expect(links).toContain(`/nats/mon${path}`);
    for (const link of links) {
      const status = link.endsWith('/raftz') ? 404 : 200;
      expect({ link, status: (await get(server, link)).status }).toEqual({ link, status });
    }
  });

  it('is below the base path, as all pages are', async () => {
    const server = await monitored('http_base_path: "/nats/"');
    for (const [target, status] of [
      ['/nats', 200],
      ['/nats/', 200],
      ['/nats/healthz', 200],
      ['/', 404],
      ['/healthz', 404],
      ['/natshealthz', 404],
      ['/nats/nats/healthz', 404],
    ] as const)
      expect({ target, status: (await get(server, target)).status }).toEqual({ target, status });
    expect(await json(server, '/nats/varz')).toMatchObject({
      http_base_path: '/nats',
      http_host: '127.0.0.1',
    });
  });
});
