import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Explanation, explainerFor, type Question } from '../../src/explain/index.ts';
import { asked } from './world.ts';

const START = readFileSync(new URL('../../examples/start.conf', import.meta.url), 'utf8');

const RIGHTS = `
accounts: {
  A: { users: [
    { user: lists, password: topsecret, permissions: {
        publish: { allow: ["orders.>", "x"], deny: ["orders.secret", "orders.eu.>"] }
        subscribe: { allow: ["orders.>", "jobs q.*", "_INBOX.>"], deny: "orders.secret" } } }
    { user: free, password: p }
    { user: nowhere, password: p, permissions: { publish: { deny: "orders.>" } } }
    { user: shut, password: p, permissions: { publish: { allow: ["orders.>", "y"], deny: ["orders.>"] } } }
    { user: service, password: p, permissions: { allow_responses: true } }
    { user: web, password: p, allowed_connection_types: [WEBSOCKET] }
  ] }
}`;

const ruleOf = (question: Question, config = RIGHTS) => {
  const { allowed, rule } = asked(config, question);
  return `${allowed ? 'allowed' : 'denied'} ${rule}`;
};

describe('explain, of the advisory this server grew out of', () => {
  const question: Question = { action: 'publish', user: 'a', subject: '$JS.API.ACCOUNT.PURGE.TEST' };

  it('is denied by the scope of the endpoint, and the system account would not be', () => {
    const explanation = asked(START, question);
    expect(explanation).toMatchObject({ allowed: false, rule: 'scope-system-only' });
    expect(explanation.change).toMatchObject({ kind: 'question', question: { ...question, user: 'sys' } });
    expect(asked(START, { ...question, user: 'sys' }).allowed).toBe(true);
  });

  it('tells every decision in order, and where the message was', () => {
    const told = asked(START, question).steps.map((step) =>
      step.kind === 'decision'
        ? `${step.action} ${step.rule}`
        : step.kind === 'arrival'
          ? step.account
          : step.text,
    );
    expect(told).toEqual([
      'connect connect-credentials',
      'publish publish-unrestricted',
      'TEST',
      'crossing crossing-imported',
      '$SYS',
      'scope scope-system-only',
    ]);
  });

  it('is allowed where the lab turned the control off', async () => {
    const { Explainer } = await import('../../src/explain/index.ts');
    const { parseConfig } = await import('../../src/config/index.ts');
    const explainer = new Explainer(parseConfig(START).options, { controlsOff: ['api-scope-account-purge'] });
    expect(explainer.explain(question)).toMatchObject({ allowed: true, rule: 'scope-control-off' });
    explainer.close();
  });
});

describe('explain', () => {
  it.each<[Question, string]>([
    [{ action: 'publish', user: 'lists', subject: 'orders.new' }, 'allowed publish-allowed'],
    [{ action: 'publish', user: 'lists', subject: 'orders.secret' }, 'denied publish-denied'],
    [{ action: 'publish', user: 'lists', subject: 'payments' }, 'denied publish-not-allowed'],
    [{ action: 'publish', user: 'free', subject: 'payments' }, 'allowed publish-unrestricted'],
    [{ action: 'publish', account: 'A', subject: 'payments' }, 'allowed publish-unrestricted'],
    [{ action: 'publish', user: 'lists', account: '$G', subject: 'payments' }, 'denied publish-not-allowed'],
    [{ action: 'subscribe', user: 'lists', subject: 'orders.new' }, 'allowed subscribe-allowed'],
    [{ action: 'subscribe', user: 'lists', subject: 'orders.secret' }, 'denied subscribe-denied'],
    [{ action: 'subscribe', user: 'lists', subject: '>' }, 'denied subscribe-not-allowed'],
    [{ action: 'subscribe', user: 'lists', subject: 'jobs' }, 'denied subscribe-not-allowed'],
    [{ action: 'subscribe', user: 'lists', subject: 'jobs', queue: 'q.1' }, 'allowed subscribe-allowed'],
    [{ action: 'request', user: 'lists', subject: 'orders.new' }, 'allowed publish-allowed'],
    [
      { action: 'request', user: 'lists', subject: 'orders.new', inbox: 'mine' },
      'denied subscribe-not-allowed',
    ],
    [{ action: 'connect', user: 'web' }, 'allowed connect-credentials'],
    [{ action: 'connect' }, 'denied connect-no-credentials'],
    [{ action: 'jetstream', user: 'a', subject: 'STREAM.CREATE' }, 'allowed scope-own-account'],
    [{ action: 'jetstream', user: 'a', subject: 'STREAM.INFO.orders' }, 'allowed scope-own-account'],
    [{ action: 'jetstream', user: 'a', subject: 'ACCOUNT.PURGE' }, 'denied scope-system-only'],
  ])('%j: %s', (question, verdict) => {
    expect(ruleOf(question, question.action === 'jetstream' ? START : RIGHTS)).toBe(verdict);
  });

  it('shows the line of the configuration that decided, and no secret on it', () => {
    const { steps } = asked(RIGHTS, { action: 'publish', user: 'lists', subject: 'orders.secret' });
    const reasons = steps.flatMap((step) => (step.kind === 'decision' ? step.reasons : []));
    const deciding = reasons.filter(({ decided }) => decided).at(-1);
    expect(deciding).toMatchObject({
      text: expect.stringContaining('orders.secret'),
      at: { line: 5, source: expect.stringContaining('deny: ["orders.secret"') },
    });
    expect(
      JSON.stringify(asked(RIGHTS, { action: 'publish', user: 'lists', subject: 'payments' })),
    ).not.toContain('topsecret');
  });

  it('shows no login that stands in a URL on the same line', () => {
    const line =
      'cluster { routes: ["nats://route:topsecret@h:6222"] }, accounts { A { users: [{user: u, password: p, permissions: {publish: {deny: x}}}] } }';
    const shown = JSON.stringify(asked(line, { action: 'publish', user: 'u', subject: 'x' }));
    expect(shown).toContain('nats://…@h:6222');
    expect(shown).not.toContain('topsecret');
  });

  it.each<[Question, RegExp]>([
    [{ action: 'publish', user: 'nobody', subject: 'x' }, /unknown user "nobody"; known are lists, free/],
    [{ action: 'publish', account: 'Z', subject: 'x' }, /unknown account "Z"; known are \$G, A, \$SYS/],
    [{ action: 'publish', subject: 'x' }, /nobody comes in without credentials/],
    [{ action: 'publish', user: 'free', subject: '' }, /is empty/],
    [{ action: 'publish', user: 'free', subject: 'a..b' }, /empty token/],
    [{ action: 'subscribe', user: 'free', subject: 'a.>.b' }, /not its last token/],
    [{ action: 'publish', user: 'free', subject: 'a b' }, /white space/],
    [{ action: 'publish', user: 'free', subject: 'a\r\nPUB b 0\r\n' }, /white space/],
    [{ action: 'publish', user: 'free', subject: 'x'.repeat(5_000) }, /longer than/],
    [{ action: 'subscribe', user: 'free', subject: 'x', queue: 'a b' }, /white space/],
    [{ action: 'publish', user: 'free', subject: 'x', queue: 'q' }, /belongs to a subscription/],
    [{ action: 'publish', user: 'free' }, /subject is missing/],
    [{ action: 'jetstream', user: 'free', subject: 'NO.SUCH' }, /no endpoint.*known are/],
  ])('%j cannot be asked', (question, message) => {
    expect(() => asked(RIGHTS, question)).toThrow(message);
  });

  it('lists at most twenty of the known users', () => {
    const users = Array.from({ length: 30 }, (_, at) => `{ user: u${at}, password: p }`).join('\n');
    const ask = () => asked(`accounts: { A: { users: [ ${users} ] } }`, { action: 'connect', user: 'x' });
    expect(ask).toThrow(/u19 … and 10 more$/);
  });

  it('follows a request through a door and back, with the lines of both ends', () => {
    const config = `accounts: {
      A: { users: [ { user: a, password: a } ]
           imports: [ { service: { account: B, subject: "svc.>" }, to: "remote.>" } ] }
      B: { users: [ { user: b, password: b } ]
           exports: [ { service: "svc.>" } ] } }`;
    const { steps, allowed } = asked(config, { action: 'request', user: 'a', subject: 'remote.x' });
    expect(allowed).toBe(true);
    expect(steps).toContainEqual(
      expect.objectContaining({
        kind: 'arrival',
        account: 'B',
        subject: 'svc.x',
        from: 'A',
        import: expect.objectContaining({ line: 3 }),
        export: expect.objectContaining({ line: 5 }),
      }),
    );
    expect(steps).toContainEqual(expect.objectContaining({ action: 'response', rule: 'crossing-response' }));
  });

  it('asks the same explainer again, also after a question that administers the server', () => {
    const explainer = explainerFor(START);
    const purge: Question = { action: 'request', user: 'sys', subject: '$JS.API.ACCOUNT.PURGE.TEST' };
    const verdicts = [purge, { ...purge, user: 'a' }, purge].map((each) => explainer.explain(each).allowed);
    expect(verdicts).toEqual([true, false, true]);
    explainer.close();
  });
});

describe('the smallest change', () => {
  /** The configuration with a user's entry as the change says. */
  function applied(user: string, { change }: Explanation): string {
    const text = change?.configuration ?? '';
    const entry = new RegExp(`\\{ user: ${user}, password: (\\w+).*`);
    return RIGHTS.replace(entry, `{ user: ${user}, password: $1, ${text} }`);
  }

  it.each<[Question, string]>([
    [{ action: 'publish', user: 'nowhere', subject: 'orders.new' }, 'permissions: {}'],
    [{ action: 'publish', user: 'free', subject: 'x' }, 'publish: { deny: ["x"] }'],
    [{ action: 'subscribe', user: 'free', subject: 'x', queue: 'q' }, 'subscribe: { deny: ["x q"] }'],
    [{ action: 'publish', user: 'service', subject: 'x' }, 'publish: { allow: ["x"] }'],
    [{ action: 'publish', user: 'shut', subject: 'orders.new' }, 'publish: { allow: ["y", "orders.new"] }'],
  ])('for %j is to be pasted as %s, and decides otherwise', (question, text) => {
    const explanation = asked(RIGHTS, question);
    expect(explanation.change?.configuration).toContain(text);
    const changed = applied(question.user ?? '', explanation);
    expect(changed).not.toBe(RIGHTS);
    expect(asked(changed, question).allowed).toBe(!explanation.allowed);
  });

  it('says what else a wider one allows, and a narrow one nothing', () => {
    const wide = asked(RIGHTS, { action: 'publish', user: 'nowhere', subject: 'orders.new' });
    expect(wide.change?.also).toContain('orders.>');
    const narrow = asked(RIGHTS, { action: 'publish', user: 'shut', subject: 'orders.new' });
    expect(narrow.change?.also).toBeUndefined();
    expect(narrow.alternatives).toEqual([]);
  });

  it('of a subscription is first of all a narrower one', () => {
    const { change } = asked(RIGHTS, { action: 'subscribe', user: 'lists', subject: '>' });
    expect(change).toMatchObject({ kind: 'question', question: { subject: 'orders.>' } });
  });

  it('is none where no right decides', () => {
    const reserved = asked(RIGHTS, { action: 'publish', user: 'free', subject: '_GR_.x' });
    expect(reserved).toMatchObject({ allowed: false, rule: 'publish-reserved-subject' });
    expect(reserved.change).toBeUndefined();
  });
});
