import { expect, test } from 'vitest';
import { EMPTY_BYTES, toBytes } from '../../src/subjects/index.ts';
import { enter, serve, TWO_TENANTS } from './support.ts';

const CLAIM = 'Nats-Request-Info: {"acc":"B"}';

/** The header lines before the first blank one, which is all that readers look at. */
function readable(block: string): string[] {
  return (block.split(/\r?\n\r?\n/)[0] ?? '').split(/\r?\n/);
}

test.each([
  ['one copy', `NATS/1.0\r\n${CLAIM}\r\n\r\n`],
  ['two copies', `NATS/1.0\r\n${CLAIM}\r\n${CLAIM}\r\n\r\n`],
  ['other letters', `NATS/1.0\r\n${CLAIM.toUpperCase()}\r\n${CLAIM.toLowerCase()}\r\n\r\n`],
  ['line feeds alone', `NATS/1.0\n${CLAIM}\nX: y\n\n`],
  ['no blank line', `NATS/1.0\r\nX: y\r\n${CLAIM}\r\n`],
  ['no end of line', `NATS/1.0\r\n${CLAIM}\r\nX: y`],
  ['a blank line too early', `NATS/1.0\r\n\r\n${CLAIM}\r\nX: y\r\n\r\n`],
  ['no first line', `${CLAIM}\r\n\r\n`],
  ['nothing but ends of lines', '\r\n\r\n'],
])(
  'a request with a false identity arrives with the true one, readable and alone: %s',
  async (_name, header) => {
    const server = serve(TWO_TENANTS);
    const got: string[] = [];
    server.accounts.system?.subscribe(toBytes('$JS.API.SEEN'), (message) =>
      got.push(message.copyHeader().toString('latin1')),
    );
    const a = enter(server, 'a');
    a.send(`HPUB $JS.API.SEEN ${header.length} ${header.length}`, header, 'PING');
    await a.until(/PONG/);
    expect(got).toHaveLength(1);
    const claims = (got[0] ?? '').split(/\r?\n/).filter((line) => /^nats-request-info:/i.test(line));
    expect(claims).toHaveLength(1);
    expect(JSON.parse(claims[0]?.slice('Nats-Request-Info:'.length) ?? '')).toMatchObject({
      acc: 'A',
      user: 'a',
    });
    if (header.startsWith('NATS/1.0')) expect(readable(got[0] ?? '')).toContain(claims[0]);
  },
);

test.each(['_R_.x', '_GR_.x', '$JS.ACK.S.C.1.1.1.1.1'])(
  'a client may not name %s as its reply',
  async (reply) => {
    const a = enter(serve(TWO_TENANTS), 'a');
    a.send(`PUB x ${reply} 0`, EMPTY_BYTES, 'PING');
    await a.until(/Publish with Reply[^\r]*'\r\nPONG/);
  },
);
