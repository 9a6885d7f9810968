import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Closable } from '../../src/base/index.ts';
import { Guard, ResponseGrants } from '../../src/guard/index.ts';
import { Branch, RouteCache } from '../../src/server/routes.ts';
import { type ByteString, isValidSubject, toBytes } from '../../src/subjects/index.ts';
import { World } from '../accounts/support.ts';
import { principalOf, side } from '../guard/support.ts';

/** Few tokens, so that subjects and patterns meet; a published subject may hold wildcards and empty tokens. */
const token = fc.constantFrom('a', 'b', 'c', '*', '>', '');
const published = fc
  .tuple(fc.constantFrom('a.b.', 'a.', 'b.a.', ''), fc.array(token, { minLength: 1, maxLength: 4 }))
  .map(([start, tokens]) => toBytes(start + tokens.join('.')))
  .filter((subject) => subject !== '');
const pattern = fc
  .array(fc.constantFrom('a', 'b', 'c', '*', '>'), { minLength: 1, maxLength: 4 })
  .map((tokens) => toBytes(tokens.join('.')))
  .filter(isValidSubject);
/** Patterns under which branches are made, and others that make them impossible. */
const subscribed = fc.oneof(fc.constantFrom('a.b.>', 'a.>', 'b.a.>', 'a.b.*', 'a.*').map(toBytes), pattern);

type Step =
  | { readonly do: 'publish'; readonly subject: ByteString }
  | { readonly do: 'subscribe'; readonly subject: ByteString }
  | { readonly do: 'unsubscribe'; readonly pick: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('publish' as const), subject: published }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('subscribe' as const), subject: subscribed }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), pick: fc.nat(9) }) },
);

describe('RouteCache.find', () => {
  test('finds for any subject, at any time, exactly who is interested in it', () => {
    let branches = 0;
    fc.assert(
      fc.property(
        fc.array(subscribed, { maxLength: 4 }),
        fc.array(step, { minLength: 20, maxLength: 120 }),
        (...of) => {
          const [first, steps] = of;
          const account = new World().account('A');
          const open: Closable[] = first.map((subject) => account.subscribe(subject, () => {}));
          const routes = new RouteCache(account);
          for (const one of steps) {
            if (one.do === 'subscribe') open.push(account.subscribe(one.subject, () => {}));
            else if (one.do === 'unsubscribe') open.splice(one.pick, 1)[0]?.close();
            else {
              const bytes = Buffer.from(`PUB ${one.subject} `, 'latin1');
              const route = routes.find(bytes, 4, bytes.length - 1);
              if (route instanceof Branch) branches++;
              expect(route.subject).toBe(one.subject);
              expect(route.target.subject).toBe(one.subject);
              expect(route.result.plain).toEqual(account.match(one.subject).plain);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
    expect(branches).toBeGreaterThan(50);
  });

  test('takes no branch in an account with mappings', () => {
    const account = new World().account('A');
    account.subscribe(toBytes('a.>'), () => {});
    const routes = new RouteCache(account);
    const find = (subject: string): unknown => routes.find(Buffer.from(subject), 0, subject.length);
    find('a.1');
    expect(find('a.2')).toBeInstanceOf(Branch);
    account.setMappings([{ source: toBytes('x'), destinations: [{ subject: toBytes('y'), weight: 100 }] }]);
    expect(find('a.3')).not.toBeInstanceOf(Branch);
  });
});

describe('Guard.publishBelow', () => {
  const list = fc.option(fc.array(pattern, { maxLength: 3 }), { nil: undefined });

  test('says of a whole branch only what is so for each of its subjects', () => {
    const guard = new Guard({ system: undefined });
    let verdicts = 0;
    fc.assert(
      fc.property(list, list, fc.boolean(), fc.constantFrom('a.b.', 'a.', '_GR_.'), published, (...of) => {
        const [allow, deny, responds, beginning, rest] = of;
        const responses = { max: 1, expiresMs: 1000 };
        const principal = principalOf({ publish: side(allow, deny), ...(responds ? { responses } : {}) });
        const verdict = guard.publishBelow(principal, toBytes(beginning));
        if (verdict === undefined) return;
        verdicts++;
        const subject = toBytes(beginning + rest);
        if (`.${subject}.`.includes('..')) return;
        const grants = responds ? new ResponseGrants(responses) : undefined;
        expect(guard.publish(principal, subject, grants, 0)).toBe(verdict);
        expect(verdict.allowed && verdict.cacheable).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(verdicts).toBeGreaterThan(50);
  });

  test('says nothing while somebody wants to hear of every decision', () => {
    const guard = new Guard({ system: undefined });
    const principal = principalOf({});
    expect(guard.publishBelow(principal, toBytes('a.'))?.allowed).toBe(true);
    guard.observe(() => {}, { every: true });
    expect(guard.publishBelow(principal, toBytes('a.'))).toBeUndefined();
  });
});
