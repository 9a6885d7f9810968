import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../../src/server/index.ts';
import { dial, start } from './tls-world.ts';

interface Line {
  readonly level: LogLevel;
  readonly text: string;
}

/** What a server writes, addresses left out. */
class Lines {
  readonly all: Line[] = [];
  readonly #on: ReadonlySet<LogLevel>;

  constructor(...on: LogLevel[]) {
    this.#on = new Set(on);
  }

  isOn = (level: LogLevel): boolean => this.#on.has(level);

  write = (level: LogLevel, text: string): void => {
    if (this.isOn(level)) this.all.push({ level, text: text.replace(/127\.0\.0\.1:\d+/g, 'ADDR') });
  };

  get texts(): string[] {
    return this.all.map(({ text }) => text);
  }
}

const USER = { user: 'a', password: 'secret', permissions: { publish: { deny: 'no' } } };
const CONFIG = { authorization: { users: [USER], timeout: 0.1 }, max_payload: 100, max_control_line: 256 };
const LOGIN = '"verbose":false,"user":"a","pass":"secret"';

describe('the trace', () => {
  it('names client and user once they are known, and what ends a subscription', async () => {
    const log = new Lines('trace');
    const server = await start(CONFIG, { log });
    const ear = dial(server.port);
    const said = '"name":"my app","lang":"go","version":"1.0"';
    ear.send(`CONNECT {${LOGIN},${said}}\r\nSUB foo 1\r\nUNSUB 1\r\nUNSUB 9\r\nSUB bar 2\r\nUNSUB 2 1\r\n`);
    await ear.send('PUB bar 1\r\na\r\nSUB x 3\r\nPING\r\n').hears('PONG');
    server.disconnect();
    await ear.ends();
    const who = 'ADDR - cid:1 - "v1.0:go:my app" - "$G/user:a"';
    expect(log.texts.slice(0, 1)).toEqual([
      `ADDR - cid:1 - <<- [CONNECT {"verbose":false,"user":"a","pass":"[REDACTED]",${said}}]`,
    ]);
    expect(log.texts.slice(1).map((text) => text.replace(`${who} - `, ''))).toEqual([
      '<<- [SUB foo 1]',
      '<<- [UNSUB 1]',
      '<-> [DELSUB 1]',
      '<<- [UNSUB 9]',
      '<<- [SUB bar 2]',
      '<<- [UNSUB 2 1]',
      '<<- [PUB bar 1]',
      '<<- MSG_PAYLOAD: ["a"]',
      '->> [MSG bar 2 1]',
      '->> MSG_PAYLOAD: ["a"]',
      '<-> [DELSUB 2]',
      '<<- [SUB x 3]',
      '<<- [PING]',
      '->> [PONG]',
      '<-> [DELSUB 3]',
    ]);
  });

  it('holds a hostile name on its line', async () => {
    const log = new Lines('trace');
    const server = await start({}, { log });
    const name = JSON.stringify(`\r\n[INF] "x\u001b[2J\u009b${'y'.repeat(999)}`);
    const login = Buffer.from(`CONNECT {"verbose":false,"name":${name}}\r\nPING\r\n`);
    await dial(server.port).send(login).hears('PONG');
    const ping = log.texts.find((text) => text.endsWith('[PING]')) ?? '';
    expect(ping).toMatch(/^[ -~…]+$/);
    expect(ping).toContain('- "\\r\\n[INF] \\"x\\u001b[2J\\u009byyy');
    expect(ping.length).toBeLessThan(250);
  });
});

describe('a connection that is refused', () => {
  it.each([
    ['a wrong password', 'CONNECT {"user":"a","pass":"bad"}\r\n', 'warn', 'connect-bad-credentials'],
    ['an unknown user', 'CONNECT {"user":"zz","pass":"bad"}\r\n', 'warn', 'connect-bad-credentials'],
    ['an unknown token', 'CONNECT {"auth_token":"bad"}\r\n', 'warn', 'connect-bad-credentials'],
    ['nothing', 'CONNECT {}\r\n', 'warn', 'connect-no-credentials'],
    ['traffic before CONNECT', 'SUB x 1\r\n', 'warn', 'connect-no-credentials'],
    ['an account of its own choice', `CONNECT {${LOGIN},"account":"Q"}\r\n`, 'warn', 'connect-account-named'],
    ['silence', '', 'error', 'Authentication Timeout'],
    ['nonsense', `CONNECT {${LOGIN}}\r\nHELLO\r\n`, 'error', 'Client parser ERROR'],
    ['a payload too large', `CONNECT {${LOGIN}}\r\nPUB a 101\r\n`, 'error', 'maximum payload exceeded'],
    [
      'a line too long',
      `CONNECT {${LOGIN}}\r\nPUB ${'a'.repeat(300)}`,
      'error',
      'maximum control line exceeded',
    ],
    ['another protocol', `CONNECT {${LOGIN},"protocol":7}\r\n`, 'error', 'invalid client protocol'],
  ] as const)('for %s is one line with its address and the reason', async (_what, sent, level, reason) => {
    const log = new Lines('error', 'warn', 'info');
    const server = await start(CONFIG, { log });
    await dial(server.port).send(sent).ends();
    const told = log.all.filter(({ text }) => text.includes('ADDR'));
    expect(told).toEqual([{ level, text: expect.stringContaining(reason) }]);
    expect(told[0]?.text).toMatch(/^(?:Refused: )?ADDR - cid:1\b/);
    expect(log.texts.join('\n')).not.toMatch(/secret|bad"/);
  });

  it('is counted instead when there are very many', async () => {
    const log = new Lines('error', 'warn');
    const server = await start(CONFIG, { log });
    const ends = Array.from({ length: 60 }, () => dial(server.port).send('CONNECT {"user":"x"}\r\n').ends());
    await Promise.all(ends);
    expect(log.all.length).toBeLessThan(60);
  });
});
