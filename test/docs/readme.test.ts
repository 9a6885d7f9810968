import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkout, freePort, type Started } from './checkout.ts';
import { readPage, type Snippet, snippetsOf } from './pages.ts';

/**
 * Runs every snippet of the README. What is replaced, and why: `npm ci` has been done when a test runs, and doing it
 * again would take the test's own packages away; `npm test` is what runs this; ports are free ones; a fuzz campaign is
 * shortened.
 */
const SNIPPETS = snippetsOf(readPage('README.md'));
const PROMPT = '> ';
const FEW_RUNS = '--runs 20 --seed 1';
const TIMEOUT_MS = 60_000;

const used = new Set<Snippet>();
let checkout: Checkout;

/** The only snippet with this text in it, noted as run. */
function snippet(text: string): string {
  const found = SNIPPETS.filter((each) => each.text.includes(text));
  expect(found, `snippets with ${text}`).toHaveLength(1);
  for (const each of found) used.add(each);
  return found[0]?.text.trim() ?? '';
}

async function startedAs(line: string): Promise<Started> {
  const started = checkout.shell(line);
  await started.until('Server is ready');
  return started;
}

beforeAll(async () => {
  checkout = await Checkout.make();
}, TIMEOUT_MS);

afterAll(() => checkout.remove());

describe('the first commands of the README', () => {
  it('are the two that a newcomer needs, verbatim', () => {
    expect(snippet('npm start')).toBe('npm ci && npm start');
    expect(snippet('npm test')).toBe('npm ci && npm test');
    const page = readPage('README.md');
    expect(page.indexOf('npm ci && npm start')).toBeLessThan(page.indexOf('demo seed'));
    expect(page.indexOf('demo seed')).toBeLessThan(page.indexOf('npm ci && npm test'));
  });

  it('start the server of examples/start.conf on 127.0.0.1:4222', { timeout: TIMEOUT_MS }, async () => {
    expect(readPage('README.md')).toContain('`npm start -- -p 4333`');
    const server = await startedAs(`npm start -- -p ${await freePort()}`);
    expect(server.output()).toContain('Users: sys ($SYS), a (TEST), b (TEST2)');
    server.kill();
    expect(readPage('examples/start.conf')).toContain("listen: '127.0.0.1:4222'");
  });

  it('play the advisory', { timeout: TIMEOUT_MS }, async () => {
    const demo = checkout.shell(snippet('demo seed'));
    expect(await demo.ended).toBe(0);
    expect(demo.output()).toContain('With the control off: stream1 is gone');
    expect(demo.output()).toContain('With the control on:  stream1 holds 3 messages.');
  });
});

/** A line that is typed, and how the answer shown to it begins. */
interface Exchange {
  readonly typed: string;
  readonly shown: string;
}

function exchangesOf(session: string): Exchange[] {
  const [, ...parts] = session.split(/^> /m);
  return parts.map((part) => {
    const [typed = '', ...shown] = part.trimEnd().split('\n');
    return { typed, shown: shown.join('\n') };
  });
}

describe('the session to type', () => {
  it('shows what it says', { timeout: TIMEOUT_MS }, async () => {
    const session = snippet('$ node');
    const port = await freePort();
    const server = await startedAs(`npm start -- -p ${port}`);
    const repl = checkout.shell('NODE_NO_READLINE=1 node -i');
    const exchanges = exchangesOf(session);
    expect(exchanges.length).toBeGreaterThan(5);
    await repl.until(PROMPT);
    for (const { typed, shown } of exchanges) {
      const before = repl.output().length;
      repl.process.stdin?.write(`${typed.replace('4222', String(port))}\n`);
      await expect.poll(() => repl.output().slice(before), { timeout: 10_000 }).toMatch(/> $/);
      if (shown !== '') expect(repl.output().slice(before).trimStart()).toContain(shown);
    }
    expect(server.output()).toContain('by rule scope-system-only');
  });
});

describe('the programs', () => {
  it('the test passes under node --test', { timeout: TIMEOUT_MS }, async () => {
    checkout.write('orders.test.mjs', snippet('// orders.test.mjs'));
    const run = checkout.shell('node --test orders.test.mjs');
    expect(await run.ended, run.output()).toBe(0);
    expect(run.output()).toMatch(/pass 1\b/);
  });

  it('the refused configuration prints what it says', { timeout: TIMEOUT_MS }, async () => {
    const program = snippet('// refused.mjs');
    checkout.write('refused.mjs', program);
    const run = checkout.shell('node refused.mjs');
    expect(await run.ended, run.output()).toBe(0);
    const [, promised = ''] = /^\/\/ prints: (.*)$/m.exec(program) ?? [];
    expect(run.output().trim()).toBe(promised);
  });

  it('the changed configuration prints what it says', { timeout: TIMEOUT_MS }, async () => {
    const program = snippet('// changed.mjs');
    checkout.write('changed.mjs', program);
    const run = checkout.shell('node changed.mjs');
    expect(await run.ended, run.output()).toBe(0);
    const [, promised = ''] = /^\/\/ prints: (.*)$/m.exec(program) ?? [];
    expect(run.output().trim().split('\n').join(', then ')).toBe(promised);
  });
});

/** Sessions of a shell that need no server: what is shown is how the answer begins. */
describe('the questions', () => {
  const asked = SNIPPETS.filter(({ language, text }) => language === 'console' && text.startsWith('$ bin/'));

  it('are there', () => expect(asked).toHaveLength(2));

  it.each(asked)('$text', { timeout: TIMEOUT_MS }, async (session) => {
    used.add(session);
    for (const part of session.text.split(/^\$ /m).slice(1)) {
      const [line = '', ...shown] = part.trimEnd().split('\n');
      const run = checkout.shell(line);
      await run.ended;
      expect(run.output()).toContain(shown.join('\n'));
      expect(run.output().startsWith(shown[0] ?? '')).toBe(true);
    }
  });
});

describe('the programs that embed', () => {
  it('the faults print what they say', { timeout: TIMEOUT_MS }, async () => {
    const program = snippet('// faults.mjs');
    checkout.write('faults.mjs', program);
    const run = checkout.shell('node faults.mjs');
    expect(await run.ended, run.output()).toBe(0);
    const promised = [...program.matchAll(/^\/\/ prints: (.*)$/gm)].map(([, line = '']) => line);
    expect(run.output().trim().split('\n')).toEqual(promised);
  });

  it('the fixture is there for every server that starts from it', { timeout: TIMEOUT_MS }, async () => {
    checkout.write('fixture.mjs', snippet('// fixture.mjs'));
    const run = checkout.shell('node fixture.mjs');
    expect(await run.ended, run.output()).toBe(0);
  });

  it('the watch sees what happens', { timeout: TIMEOUT_MS }, async () => {
    checkout.write('watch.mjs', snippet('// watch.mjs'));
    const run = checkout.shell('node watch.mjs');
    expect(await run.ended, run.output()).toBe(0);
    const lines = run.output().trim().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'connect a A',
        'published greetings hello',
        expect.stringMatching(/^api \$JS\.API\.STREAM\.CREATE\.S scope-/),
        '1 stream',
        '0 streams',
        expect.stringMatching(/^refused publish greetings /),
      ]),
    );
    expect(lines.filter((line) => line === 'published greetings hello')).toHaveLength(1);
  });
});

describe('the server beside a command', () => {
  it('is there while the command runs', { timeout: TIMEOUT_MS }, async () => {
    const line = snippet('npx nats-bulkhead run');
    expect(line).toBe('npx nats-bulkhead run -- pytest');
    checkout.write('pytest.cjs', 'console.log(process.env.NATS_URL); process.exit(3);');
    const run = checkout.shell(
      line.replace('npx nats-bulkhead', 'bin/bulkhead').replace('pytest', 'node pytest.cjs'),
    );
    expect(await run.ended, run.output()).toBe(3);
    expect(run.output()).toMatch(/^nats:\/\/127\.0\.0\.1:\d+\n$/);
  });
});

describe('the attack', () => {
  it('finds nothing', { timeout: TIMEOUT_MS }, async () => {
    const line = SNIPPETS.find((each) => each.text.trim() === 'npm run fuzz:isolation');
    if (line === undefined) throw new Error('the README does not show npm run fuzz:isolation');
    used.add(line);
    const run = checkout.shell(`${line.text.trim()} -- ${FEW_RUNS}`);
    expect(await run.ended, run.output()).toBe(0);
    expect(run.output()).toContain('no counterexample in 20 scenarios');
  });

  it('finds the check that was taken away', { timeout: TIMEOUT_MS }, async () => {
    const run = checkout.shell(`${snippet('--controls-off')} --seed 1`);
    expect(await run.ended, run.output()).toBe(1);
    expect(run.output()).toContain('$JS.API.ACCOUNT.PURGE.');
  });
});

describe('the drop-in', () => {
  it('runs under the name nats-server', { timeout: TIMEOUT_MS }, async () => {
    const line = snippet('drop-in').replace('4333', String(await freePort()));
    const server = await startedAs(line);
    expect(server.output()).toContain('Starting nats-server');
  });
});

describe('the README', () => {
  it('has no snippet that no test runs', () => {
    expect(SNIPPETS.filter((each) => !used.has(each)).map((each) => each.text)).toEqual([]);
  });
});
