import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ENDPOINTS, type MatrixCaller, renderApiDocs, renderAuthorityMatrix } from '../../src/api/index.ts';
import { accountId, type Caller, Guard } from '../../src/guard/index.ts';
import { toBytes } from '../../src/subjects/index.ts';

function caller(account: string): Caller {
  const id = accountId(toBytes(account));
  return { principal: { account: id, user: toBytes('user') }, account: id };
}

const CALLERS: readonly MatrixCaller[] = [
  { title: 'tenant, owner', caller: caller('OWNER') },
  { title: 'tenant, another', caller: caller('OTHER') },
  { title: 'tenant without JetStream', caller: caller('PLAIN') },
  { title: 'system account', caller: caller('SYS') },
];

describe('renderAuthorityMatrix', () => {
  it('agrees with the committed text', () => {
    const committed = readFileSync(new URL('../authority.matrix.txt', import.meta.url), 'utf8');
    const guard = new Guard({ system: accountId(toBytes('SYS')) });
    expect(renderAuthorityMatrix(guard, CALLERS)).toBe(committed);
  });

  it('changes when a control is off', () => {
    const guard = new Guard({ system: accountId(toBytes('SYS')), controlsOff: ['api-scope-account-purge'] });
    expect(renderAuthorityMatrix(guard, CALLERS)).toContain('allow  scope-control-off');
  });
});

describe('renderApiDocs', () => {
  it('has a section for every row', () => {
    const text = renderApiDocs();
    for (const row of ENDPOINTS) expect(text).toContain(`## \`${row.subject}\``);
  });
});
