import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accountId, type Caller, Guard } from '../../src/guard/index.ts';
import { toBytes } from '../../src/subjects/index.ts';
import {
  EVENTS,
  renderServiceMatrix,
  renderSystemDocs,
  SERVICES,
  type ServiceCaller,
} from '../../src/system/index.ts';

function caller(account: string): Caller {
  const id = accountId(toBytes(account));
  return { principal: { account: id, user: toBytes('user') }, account: id };
}

const CALLERS: readonly ServiceCaller[] = [
  { title: 'tenant, owner', caller: caller('OWNER') },
  { title: 'tenant, another', caller: caller('OTHER') },
  { title: 'tenant, exported to', caller: caller('OTHER'), offered: true },
  { title: 'system account', caller: caller('SYS') },
];

const COMMITTED = new URL('../services.matrix.txt', import.meta.url);

describe('renderServiceMatrix', () => {
  it('agrees with the committed text', () => {
    const guard = new Guard({ system: accountId(toBytes('SYS')) });
    expect(renderServiceMatrix(guard, CALLERS)).toBe(readFileSync(COMMITTED, 'utf8'));
  });

  it('has each allowance of a tenant beside a refusal of its twin', () => {
    const sections = readFileSync(COMMITTED, 'utf8').split('\n\n').slice(1);
    const rows = sections.filter(
      (section) => section.includes('[system]') || section.includes('[named-account]'),
    );
    expect(rows.length).toBe(SERVICES.filter(({ scope }) => scope !== 'account').length);
    for (const row of rows) expect(row).toMatch(/tenant, another +REFUSE/);
  });

  it('allows a tenant nothing on a server without system account', () => {
    const text = renderServiceMatrix(new Guard({ system: undefined }), [
      { title: 'somebody', caller: caller('SYS') },
    ]);
    expect(text).toContain('REFUSE scope-system-only');
    expect(text).not.toContain('scope-system-account');
  });
});

describe('renderSystemDocs', () => {
  it('has a section for every service and event', () => {
    const text = renderSystemDocs();
    for (const row of [...SERVICES, ...Object.values(EVENTS)])
      expect(text).toContain(`### \`${row.subject}\``);
  });
});
