import { describe, expect, test } from 'vitest';
import { formsCycle, influence, messageReach, type Tenant } from '../../src/model/index.ts';

type Kind = 'stream' | 'service';

/** Accounts by name, each with what it takes: `[kind, account, subject, to]`. */
function tenants(doors: Record<string, readonly (readonly [Kind, string, string, string?])[]>): Tenant[] {
  return Object.entries(doors).map(([name, imports]) => ({
    name,
    imports: imports.map(([kind, account, subject, to]) => ({
      kind,
      account,
      subject,
      ...(to === undefined ? {} : { to }),
    })),
  }));
}

test.each([
  ['there and back on one subject', { A: [['service', 'B', 'x']], B: [['service', 'A', 'x']] }, true],
  [
    'there and back on overlapping subjects',
    { A: [['stream', 'B', 'x.>']], B: [['stream', 'A', 'x.*']] },
    true,
  ],
  [
    'over three accounts',
    { A: [['service', 'B', 'x']], B: [['service', 'C', 'x']], C: [['service', 'A', 'x']] },
    true,
  ],
  ['on other subjects', { A: [['service', 'B', 'x']], B: [['service', 'A', 'y']] }, false],
  ['with another name', { A: [['service', 'B', 'x', 'y']], B: [['service', 'A', 'y', 'z']] }, false],
  ['of two kinds', { A: [['service', 'B', 'x']], B: [['stream', 'A', 'x']] }, false],
] as const)('formsCycle: %s', (_name, doors, isCycle) => {
  expect(formsCycle(tenants(doors))).toBe(isCycle);
});

describe('reach', () => {
  const chain = tenants({ A: [['stream', 'B', 'x']], B: [['service', 'C', 'y']], C: [], D: [] });
  const of = (reach: ReadonlyMap<string, ReadonlySet<string>>) =>
    Object.fromEntries([...reach].map(([name, set]) => [name, [...set].sort().join('')]));

  test('messages go with streams, and both ways over services', () => {
    expect(of(messageReach(chain))).toEqual({ A: 'A', B: 'ABC', C: 'ABC', D: 'D' });
  });

  test('influence goes both ways over everything', () => {
    expect(of(influence(chain))).toEqual({ A: 'ABC', B: 'ABC', C: 'ABC', D: 'D' });
  });
});
