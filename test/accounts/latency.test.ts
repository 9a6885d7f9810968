import { describe, expect, test } from 'vitest';
import { toBytes } from '../../src/subjects/index.ts';
import { type Client, DoorWorld, offers, takes } from './door-world.ts';

function measured(sampling: number | 'headers', share = false) {
  const world = new DoorWorld({
    A: { exports: [offers.service('svc', { latency: { subject: toBytes('lat'), sampling } })] },
    B: { imports: [takes.service('A', 'svc', { share })] },
  });
  const meter = world.client('A', 'lat');
  const metrics = () => {
    world.settle();
    return meter.got.splice(0).map(({ payload }) => JSON.parse(payload));
  };
  return { world, metrics, asker: world.client('B', 'inbox'), serve: () => world.client('A', 'svc') };
}

function answer(service: Client): void {
  service.publish(service.lastReply, 'a');
}

describe('the metric of a measured service', () => {
  test('has the real server’s fields in its order (measured on 2.14.5)', () => {
    const { world, metrics, asker, serve } = measured(100, true);
    const service = serve();
    asker.publish('svc', 'q', 'inbox');
    expect(service.lastReply).toMatch(/^_R_\.\w{6}\.\w{6}\.\w{8}\.T$/);
    world.advance(12);
    answer(service);
    const [metric] = metrics();
    expect(Object.keys(metric)).toEqual([
      'type',
      'id',
      'timestamp',
      'status',
      'requestor',
      'responder',
      'start',
      'service',
      'system',
      'total',
    ]);
    expect(metric).toMatchObject({
      type: 'io.nats.server.metric.v1.service_latency',
      status: 200,
      requestor: { acc: 'B', user: 'u', name: 'app' },
      responder: { acc: 'A', user: 'u', name: 'app' },
      service: 12_000_000,
      total: 12_000_000,
    });
  });

  test('names no more of the requester than its import shares', () => {
    const { metrics, asker, serve } = measured(100);
    const service = serve();
    asker.publish('svc', 'q', 'inbox');
    answer(service);
    expect(metrics()[0].requestor).toEqual({ acc: 'B' });
  });

  test('says how a request failed', () => {
    const { world, metrics, asker, serve } = measured(100);
    asker.publish('svc', 'q', 'inbox');
    expect(metrics()).toMatchObject([{ status: 503, description: 'Service Unavailable' }]);
    const service = serve();
    asker.publish('svc', 'q');
    expect(metrics()).toMatchObject([{ status: 400, description: 'Bad Request' }]);
    asker.publish('svc', 'q', 'inbox');
    world.advance(1_000);
    expect(metrics()).toMatchObject([{ status: 504, description: 'Service Timeout', service: 0, total: 0 }]);
    answer(service);
    expect(metrics()).toEqual([]);
    asker.publish('svc', 'q', 'inbox');
    asker.unsubscribeAll();
    answer(service);
    expect(metrics()).toMatchObject([{ status: 408, description: 'Request Timeout' }]);
  });

  test('comes for the share of requests that is asked for', () => {
    const { metrics, asker, serve } = measured(25);
    const service = serve();
    for (let i = 0; i < 1_000; i++) {
      asker.publish('svc', 'q', 'inbox');
      answer(service);
    }
    const { length } = metrics();
    expect(length).toBeGreaterThan(190);
    expect(length).toBeLessThan(310);
  });

  const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  const B3 = '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1';
  test.each<[string, Record<string, string[]> | undefined]>([
    ['Uber-Trace-Id: 1:2:3:1', { 'Uber-Trace-Id': ['1:2:3:1'] }],
    ['Uber-Trace-Id: 1:2:3:2', undefined],
    ['Uberctx-X: 4\r\nUber-Trace-Id: 1:2:3:3', { 'Uber-Trace-Id': ['1:2:3:3'], 'Uberctx-X': ['4'] }],
    ['X-B3-Sampled: 1', { 'X-B3-Sampled': ['1'] }],
    ['X-B3-Sampled: 0\r\nX-B3-TraceId: 5', undefined],
    ['X-B3-TraceId: 5\r\nX-B3-SpanId: 6', { 'X-B3-Spanid': ['6'], 'X-B3-Traceid': ['5'] }],
    [`B3: ${B3}-1-05e3ac9a4f6e3b90`, { B3: [`${B3}-1-05e3ac9a4f6e3b90`] }],
    [`b3: ${B3}-0`, undefined],
    ['B3: d', { B3: ['d'] }],
    ['B3: 0', undefined],
    [`Tracestate: k=v\r\ntraceparent: ${TRACE}-01`, { Traceparent: [`${TRACE}-01`], Tracestate: ['k=v'] }],
    [`Traceparent: ${TRACE}-00`, undefined],
    ['X: y', undefined],
  ])('by headers: %j shows %o (measured on 2.14.5)', (header, shown) => {
    const { metrics, asker, serve } = measured('headers');
    const service = serve();
    asker.publish('svc', 'q', 'inbox', `NATS/1.0\r\n${header}\r\n\r\n`);
    answer(service);
    expect(metrics().map((metric) => metric.header)).toEqual(shown === undefined ? [] : [shown]);
  });
});
