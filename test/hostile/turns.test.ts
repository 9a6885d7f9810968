import { describe, expect, test } from 'vitest';
import { enter, serve, TWO_TENANTS } from './support.ts';

const REQUESTS = 40;
const SUBJECTS = 8_000;

/** The numbers of the inboxes that were answered so far, in the order of the answers. */
function answered({ received }: { readonly received: string }): number[] {
  return [...received.matchAll(/^MSG in\.(\d+) /gm)].map(([, n]) => Number(n));
}

describe('requests that come together', () => {
  test('and take long leave others their turn, and are answered once each', async () => {
    const server = serve(TWO_TENANTS);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    await a.ask('$JS.API.STREAM.CREATE.S', '{"name":"S","subjects":["s.>"],"storage":"memory"}');
    for (let i = 0; i < SUBJECTS; i++) a.send(`PUB s.${i} 1`, 'x');
    await a.ask('$JS.API.INFO');
    await b.ask('$JS.API.INFO');
    const body = '{"subjects_filter":">"}';
    const lines = Array.from({ length: REQUESTS }, (_, i) => [
      `PUB $JS.API.STREAM.INFO.S in.${i} ${body.length}`,
      body,
    ]);
    a.send('SUB in.* 1', ...lines.flat(), 'PING');
    b.send('PING');
    await b.until(/PONG/);
    expect(answered(a).length).toBeLessThan(REQUESTS / 2);
    await a.until(/PONG/);
    for (let i = 0; i < REQUESTS; i++) await a.until(new RegExp(`MSG in\\.${i} `));
    // One that takes several turns may be overtaken by a later one.
    expect(answered(a).toSorted((x, y) => x - y)).toEqual(Array.from({ length: REQUESTS }, (_, i) => i));
  });

  test('end with their connection', async () => {
    const server = serve(TWO_TENANTS);
    const [a, b] = [enter(server, 'a'), enter(server, 'b')];
    await a.ask('$JS.API.STREAM.CREATE.S', '{"name":"S","subjects":["s.>"],"storage":"memory"}');
    for (let i = 0; i < SUBJECTS; i++) a.send(`PUB s.${i} 1`, 'x');
    await a.ask('$JS.API.INFO');
    await b.ask('$JS.API.INFO');
    let asked = 0;
    server.on('api', ({ account }) => {
      if (account === 'A') asked++;
    });
    const body = '{"subjects_filter":">"}';
    const lines = Array.from({ length: REQUESTS }, () => [`PUB $JS.API.STREAM.INFO.S ${body.length}`, body]);
    a.send(...lines.flat());
    b.send('PING');
    await b.until(/PONG/);
    server.disconnect(({ account }) => account === 'A');
    const before = asked;
    for (let i = 0; i < 3; i++) await b.ask('$JS.API.INFO');
    expect(asked).toBe(before);
    expect(before).toBeLessThan(REQUESTS);
  });
});
