import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BULKHEAD, ensureBuilt } from '../built.ts';
import { RawClient } from '../embedding/raw-client.ts';
import { bulkhead, fileWith, Program } from './program.ts';

beforeAll(ensureBuilt, 120_000);

const LOCAL = ['-a', '127.0.0.1', '-p', '-1'] as const;

async function enter(program: Program, more = {}): Promise<RawClient> {
  const client = RawClient.to(program.port);
  client.send(`CONNECT ${JSON.stringify({ verbose: false, protocol: 1, ...more })}`, 'PING');
  await client.until(/PONG\r\n/);
  return client;
}

/** The command's log file, when it holds what is waited for. */
const holds = (path: string, pattern: RegExp) =>
  expect
    .poll(() => (existsSync(path) ? readFileSync(path, 'utf8') : ''), { timeout: 10_000 })
    .toMatch(pattern);

describe('a start that cannot be', () => {
  const file = () => fileWith('nothing');
  it.each<[string, () => string[], RegExp]>([
    [
      'the pid file cannot be written',
      () => ['-P', '/no/such/pid'],
      /\[FTL\] Could not write pidfile: open \/no\/such\/pid: no such file or directory\n$/,
    ],
    [
      'the pid file is a folder',
      () => ['-P', tmpdir()],
      /\[FTL\] Could not write pidfile: open \S+: is a directory\n$/,
    ],
    [
      'the store folder is a file',
      () => ['-js', '-sd', file()],
      /\[FTL\] Can't start JetStream: storage directory is not a directory\n$/,
    ],
    [
      'the log file cannot be opened',
      () => ['-l', '/no/such/log'],
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d error opening file: open \/no\/such\/log: no such file or directory\n$/,
    ],
    ['the log file is a folder', () => ['-l', tmpdir()], /error opening file: open \S+: is a directory\n$/],
    [
      'the address is not of this host',
      () => ['-a', '192.0.2.1', '-p', '14999'],
      /\[FTL\] Error listening on port: 192\.0\.2\.1:14999, "listen tcp 192\.0\.2\.1:14999: bind: cannot assign requested address"\n$/,
    ],
    [
      'TLS without a certificate',
      () => ['--tls'],
      /^nats-server: TLS Server certificate must be present and valid\n$/,
    ],
    [
      'TLS without a key',
      () => ['--tlscert', '/x'],
      /^nats-server: TLS Server private key must be present and valid\n$/,
    ],
    [
      'a certificate that cannot be read',
      () => ['--tlscert', '/no/such', '--tlskey', '/no/such'],
      /^nats-server: error parsing X509 certificate\/key pair: open \/no\/such: no such file or directory\n$/,
    ],
    [
      'a certificate that is none',
      () => {
        const path = file();
        return ['--tls', '--tlscert', path, '--tlskey', path];
      },
      /^nats-server: error parsing X509 certificate\/key pair: tls: failed to find any PEM data in certificate input\n$/,
    ],
    [
      'HTTP and HTTPS at once',
      () => ['-m', '14997', '-ms', '14998'],
      /\[FTL\] Can't start monitoring: can't specify both HTTP \(14997\) and HTTPs \(14998\) ports\n$/,
    ],
  ])('says so in one line, and ends with 1: %s', (_what, words, text) => {
    const { status, stdout, stderr } = bulkhead(...LOCAL, ...words());
    expect(stderr).toMatch(text);
    expect(stderr).not.toMatch(/\n\s+at |Server is ready/);
    expect([status, stdout]).toEqual([1, '']);
  });

  it('names the port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const { status, stderr } = bulkhead('-a', '127.0.0.1', '-p', String(port));
    taken.close();
    expect(status).toBe(1);
    expect(stderr).toContain(
      `[FTL] Error listening on port: 127.0.0.1:${port}, "listen tcp 127.0.0.1:${port}: bind: address already in use"`,
    );
  });
});

describe('files of the process', () => {
  it('say its id and its ports; the pid file stays, the ports file goes', async () => {
    const folder = mkdtempSync(join(dirname(fileWith('')), 'files-'));
    const pid = join(folder, 'pid');
    const program = await Program.serving(...LOCAL, '-P', pid, '--ports_file_dir', folder, '-m', '-1');
    const id = program.process.pid;
    expect(readFileSync(pid, 'utf8')).toBe(String(id));
    const ports = join(folder, `bulkhead_${id}.ports`);
    await expect.poll(() => existsSync(ports)).toBe(true);
    expect(JSON.parse(readFileSync(ports, 'utf8'))).toEqual({
      nats: [`nats://127.0.0.1:${program.port}`],
      monitoring: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)],
    });
    expect(await program.end('SIGTERM')).toBe(0);
    expect(readdirSync(folder)).toEqual(['pid']);
  });

  it('that cannot be written are told of, and the server serves', async () => {
    const program = await Program.serving(...LOCAL, '--ports_file_dir', '/no/such');
    await program.logged(
      /\[ERR\] Error writing ports file \(\/no\/such\/bulkhead_\d+\.ports\): open \S+: no such file or directory/,
    );
    await enter(program);
  });
});

describe('the log file', () => {
  it('is begun anew after SIGUSR1, and moves with a reload', async () => {
    const config = fileWith('');
    const folder = dirname(config);
    const path = (name: string): string => join(folder, name);
    const write = (text: string): void => writeFileSync(config, `listen: "127.0.0.1:-1"\n${text}`);
    write(`logfile: "${path('1.log')}"`);
    const program = Program.start(process.execPath, [BULKHEAD, '-c', config]);
    await holds(path('1.log'), /Server is ready/);
    if (process.platform !== 'win32') expect(statSync(path('1.log')).mode & 0o007).toBe(0);
    renameSync(path('1.log'), path('old.log'));
    program.process.kill('SIGUSR1');
    await holds(path('1.log'), /^\[\d+\] \S+ \S+ \[INF\] File log re-opened\n$/);
    expect(readFileSync(path('old.log'), 'utf8')).toMatch(/Trapped "user defined signal 1" signal\n$/);
    write(`logfile: "${path('2.log')}"\npid_file: "${path('pid')}"`);
    program.process.kill('SIGHUP');
    await holds(path('2.log'), /^\[\d+\] \S+ \S+ \[INF\] Reloaded server configuration \(sha256:/);
    expect(readFileSync(path('1.log'), 'utf8')).toMatch(
      /Reloaded: pid_file = .*\n.*Reloaded: log_file = \S*2\.log\n$/,
    );
    expect(readFileSync(path('pid'), 'utf8')).toBe(String(program.process.pid));
    mkdirSync(path('3.log'));
    write(`logfile: "${path('3.log')}"`);
    program.process.kill('SIGHUP');
    await holds(path('2.log'), /\[ERR\] Error opening log file: /);
    expect(program.log).toBe('');
    await program.end('SIGTERM');
    expect(readFileSync(path('2.log'), 'utf8')).toMatch(/Server Exiting\.\.\n$/);
  });

  it('that there is not is not reopened', async () => {
    const program = await Program.serving(...LOCAL);
    program.process.kill('SIGUSR1');
    await program.logged(/\[INF\] File log re-open ignored, not a file logger\n/);
    program.process.kill('SIGHUP');
    await program.logged(
      /\[ERR\] Failed to reload server configuration: can only reload config when a file is provided/,
    );
  });
});

describe('what the log shows', () => {
  it('changes with a reload, for clients that are connected too', async () => {
    const config = fileWith('listen: "127.0.0.1:-1"');
    const program = await Program.serving('-c', config);
    const client = await enter(program);
    writeFileSync(
      config,
      'listen: "127.0.0.1:-1"\ntrace: true\ndebug: true\nlogtime: false\nmax_traced_msg_len: 3',
    );
    program.process.kill('SIGHUP');
    await program.logged(
      /Reloaded: trace = true[\s\S]*Reloaded: debug = true[\s\S]*\[\d+\] \[INF\] Reloaded server/,
    );
    client.send('SUB x 1', 'PUB x r 5', 'hello', 'NONSENSE');
    await program.logged(/\[DBG\] .*Client connection closed[\s\S]*\[DELSUB 1\]/);
    const traced = program.log
      .split('\n')
      .flatMap((line) => /\[TRC\] \S+ - cid:1 - (.*)/.exec(line)?.[1] ?? []);
    expect(traced).toEqual([
      '<<- [SUB x 1]',
      '<<- [PUB x r 5]',
      '<<- MSG_PAYLOAD: ["hel..."]',
      '->> [MSG x 1 r 5]',
      '->> MSG_PAYLOAD: ["hel..."]',
      '<<- [unknown-operation]',
      '->> [-ERR Unknown Protocol Operation]',
      '<-> [DELSUB 1]',
    ]);
  });

  it('is JSON where that is asked for', async () => {
    const env = { ...process.env, BULKHEAD_LOG: 'json' };
    const program = await Program.of(process.execPath, [BULKHEAD, ...LOCAL], env);
    for (const line of program.log.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ pid: program.process.pid });
  });
});

describe('SIGUSR2', () => {
  it('ends the server gently: clients are told, nobody new comes in, then it is over', async () => {
    const config = fileWith(
      'listen: "127.0.0.1:-1"\nlame_duck_duration: "30s"\nlame_duck_grace_period: "100ms"',
    );
    const program = await Program.serving('-c', config);
    const clients = [await enter(program), await enter(program)];
    program.process.kill('SIGUSR2');
    for (const client of clients) await client.until(/INFO \{[^\n]*"ldm":true/);
    await expect(RawClient.to(program.port).until(/INFO/)).rejects.toThrow(/ended/);
    program.process.kill('SIGUSR2');
    await program.logged(/Closing existing clients[\s\S]*Server Exiting\.\.\n/);
    await expect.poll(() => program.process.exitCode).toBe(0);
    for (const client of clients) await expect(client.until(/never/)).rejects.toThrow(/ended/);
  });
});

describe('-sl', () => {
  it('sends a running server a signal, by its id or its pid file', async () => {
    const pid = join(dirname(fileWith('')), 'pid');
    const program = await Program.serving(...LOCAL, '-P', pid);
    expect(bulkhead('-sl', `reopen=${program.process.pid}`)).toMatchObject({ status: 0, stderr: '' });
    await program.logged(/Trapped "user defined signal 1"/);
    expect(bulkhead('--signal', `quit=${pid}`)).toMatchObject({ status: 0, stderr: '' });
    await program.logged(/Trapped "interrupt"[\s\S]*Server Exiting/);
  });

  it.each([
    ['foo=1', 'unknown signal "foo"'],
    ['reload', 'which process?'],
    ['reload=abc', 'invalid pid: abc'],
    ['reload=0', 'invalid pid: 0'],
    ['reload=-1', 'invalid pid: -1'],
    ['reload=1=2', 'invalid signal parameters'],
    ['reload=999999999', 'signal "reload" 999999999: no such process'],
  ])('refuses %s', (order, why) => {
    const { status, stderr } = bulkhead('-sl', order);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`nats-server: ${why}`)]);
  });
});
