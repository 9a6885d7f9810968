/**
 * Decisions of the reference monitor: `npx tsx bench/guard.ts [--json]`. Prints nanoseconds per decision, first as they are made
 * on the way of a message, then with a listener that wants every reason, and for publishes once more as a connection
 * makes them: with the verdict kept, which is one comparison of generations.
 */
import type { PermissionEntry } from '../src/config/index.ts';
import { accountId, Guard, type Principal } from '../src/guard/index.ts';
import { type ByteString, EMPTY_BYTES, toBytes } from '../src/subjects/index.ts';

const ROUND = 200_000;
const ROUNDS = 7;
const TRACED_SHARE = 20;

const A = accountId(toBytes('A'));
const B = accountId(toBytes('B'));
const SYSTEM = accountId(toBytes('$SYS'));

function entries(count: number): PermissionEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    subject: toBytes(`orders.eu.${i}.>`),
    at: { file: 'bench.conf', line: i + 1, column: 1 },
  }));
}

function principalWith(allow: number, deny = 0): Principal {
  const side = {
    ...(allow === 0 ? {} : { allow: entries(allow) }),
    ...(deny === 0 ? {} : { deny: entries(deny) }),
  };
  return { account: A, user: toBytes('u'), permissions: { publish: side, subscribe: side } };
}

/** The last entry of a list is the one that covers: the longest way. */
const last = (count: number): ByteString => toBytes(`orders.eu.${Math.max(0, count - 1)}.new`);
const free: Principal = { account: A, user: toBytes('u') };

const CASES: readonly [string, (guard: Guard) => unknown][] = [
  ['publish, no permissions', (guard) => guard.publish(free, last(1), undefined, 0)],
  ...[1, 10, 100, 1000].map((count): [string, (guard: Guard) => unknown] => {
    const principal = principalWith(count);
    const subject = last(count);
    return [`publish, ${count} allow`, (guard) => guard.publish(principal, subject, undefined, 0)];
  }),
  ...[10, 100].map((count): [string, (guard: Guard) => unknown] => {
    const principal = principalWith(0, count);
    const subject = toBytes('payments.x');
    return [
      `publish, ${count} deny, none matches`,
      (guard) => guard.publish(principal, subject, undefined, 0),
    ];
  }),
  ...[10, 100].map((count): [string, (guard: Guard) => unknown] => {
    const principal = principalWith(count);
    const subject = last(count);
    return [`subscribe, ${count} allow`, (guard) => guard.subscribe(principal, subject, EMPTY_BYTES)];
  }),
  ...[1, 10, 100].map((count): [string, (guard: Guard) => unknown] => {
    const principal = principalWith(0, count);
    const subject = toBytes('payments.x');
    return [`deliver, ${count} deny`, (guard) => guard.deliver(principal, subject, EMPTY_BYTES)];
  }),
  ...[0, 100].map((count): [string, (guard: Guard) => unknown] => {
    const offer = {
      kind: 'service',
      subject: toBytes('svc.>'),
      ...(count === 0 ? {} : { accounts: [...Array.from({ length: count - 1 }, () => B), A] }),
    } as const;
    const wanted = { kind: 'service', remote: toBytes('svc.orders.*') } as const;
    const name = count === 0 ? 'crossing, public' : `crossing, private to ${count}`;
    return [name, (guard) => guard.crossing(A, wanted, offer, free)];
  }),
  [
    'scope, own account',
    (guard) => guard.scope({ principal: free, account: A }, { scope: 'account' }, last(1)),
  ],
  [
    'scope, system refused',
    (guard) => guard.scope({ principal: free, account: A }, { scope: 'system' }, last(1)),
  ],
];

/** Nanoseconds per call: the median of some rounds, after one to warm up. */
function measure(calls: number, call: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) call();
    if (round > 0) times.push(Number(process.hrtime.bigint() - start) / calls);
  }
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? Number.NaN;
}

function keptPublish(): number {
  const guard = new Guard({ system: SYSTEM });
  const principal = principalWith(100);
  const subject = last(100);
  const route = { allowedAt: 0 };
  return measure(ROUND, () => {
    if (route.allowedAt === guard.generation) return true;
    const verdict = guard.publish(principal, subject, undefined, 0);
    if (verdict.allowed && verdict.cacheable && guard.mayKeep) route.allowedAt = guard.generation;
    return verdict.allowed;
  });
}

const shown = (ns: number): string => `${ns < 100 ? ns.toFixed(1) : Math.round(ns)}`.padStart(9);

const found: Record<string, number> = {};
const print = process.argv.includes('--json') ? () => {} : console.log;
print(`${'decision'.padEnd(30)}${'ns'.padStart(9)}${'ns traced'.padStart(11)}`);
for (const [name, call] of CASES) {
  const plain = new Guard({ system: SYSTEM });
  const traced = new Guard({ system: SYSTEM });
  traced.observe(() => {}, { every: true, reasons: true });
  const cold = measure(ROUND / 10, () => call(plain));
  const withTrace = measure(ROUND / 10 / TRACED_SHARE, () => call(traced));
  found[name] = cold;
  print(`${name.padEnd(30)}${shown(cold)}  ${shown(withTrace)}`);
}
const kept = keptPublish();
found['publish, 100 allow, kept'] = kept;
print(`${'publish, 100 allow, kept'.padEnd(30)}${shown(kept)}`);
if (process.argv.includes('--json')) console.log(JSON.stringify(found));
