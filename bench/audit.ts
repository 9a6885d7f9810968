/**
 * How long the auditor takes: `npx tsx bench/audit.ts [ACCOUNTS] [USERS] [DOORS]`, by default 10,000 accounts of 10
 * users and 20 doors each. Half of the doors are exports, half imports of the neighbours' exports, in chains of two.
 */
import { audit, render } from '../src/audit/index.ts';
import { fromTree } from '../src/config/index.ts';

const [accounts = 10_000, users = 10, doors = 20] = process.argv.slice(2).map(Number);

/** One account among many: it takes services and streams of its neighbours, and hands one of them on. */
export function accountTree(
  at: number,
  of: number,
  userCount: number,
  doorCount: number,
): Record<string, unknown> {
  const name = (n: number): string => `A${(at + n) % of}`;
  const half = Math.floor(doorCount / 2);
  const exports: unknown[] = [];
  const imports: unknown[] = [];
  for (let i = 0; i < half; i++) {
    const next = name(1 + i);
    if (i % 2 === 0) {
      exports.push({ service: `svc${i}.*.get` });
      imports.push({ service: { account: next, subject: `svc${i}.*.get` }, to: `to${i}.*` });
    } else {
      exports.push({ stream: `out${i}.>` });
      imports.push({ stream: { account: next, subject: `out${i}.a.>` }, prefix: `from${i}` });
    }
  }
  return { users: usersOf(at, userCount), exports, imports };
}

function usersOf(at: number, count: number): unknown[] {
  return Array.from({ length: count }, (_, i) => ({
    user: `u${at}-${i}`,
    password: '$2a$11$abcdefghijklmnopqrstuuUlFbBpMLxgA6QQc1Ou1Bq2HC0rXW6Lq',
    ...(i % 3 === 0
      ? {}
      : { permissions: { publish: ['to0.>', `own${i}.>`], subscribe: { deny: [`from1.secret${i}.>`] } } }),
  }));
}

/** Time of the processor, which other programs on the machine do not change much. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function seconds(since: number): string {
  return `${((cpuMs() - since) / 1000).toFixed(2)} s`;
}

function main(): void {
  const tree = {
    jetstream: true,
    accounts: Object.fromEntries(
      Array.from({ length: accounts }, (_, at) => [`A${at}`, accountTree(at, accounts, users, doors)]),
    ),
  };
  const before = cpuMs();
  const { options } = fromTree(tree);
  console.log(`read          ${seconds(before)}`);
  const start = cpuMs();
  const report = audit(options, { serverVersion: '2.9.10' });
  console.log(`audit         ${seconds(start)}`);
  console.log(
    `flows         ${report.flows.length}, findings ${report.findings.length}, cut ${report.cut.length}`,
  );
  console.log(`heap          ${(process.memoryUsage().heapUsed / 2 ** 20).toFixed(0)} MiB`);
  for (const format of ['text', 'mermaid', 'sarif'] as const) {
    const began = cpuMs();
    const { length } = render(report, format, { colour: false });
    console.log(`${format.padEnd(13)} ${seconds(began)} (${(length / 2 ** 20).toFixed(1)} MiB)`);
  }
}

main();
