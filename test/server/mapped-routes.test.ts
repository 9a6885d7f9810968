import { describe, expect, test } from 'vitest';
import type { Account } from '../../src/accounts/index.ts';
import type { MappingOptions } from '../../src/config/index.ts';
import { type Route, RouteCache } from '../../src/server/routes.ts';
import { toBytes } from '../../src/subjects/index.ts';
import { World } from '../accounts/support.ts';

function mapping(source: string, ...destinations: readonly (readonly [string, number])[]): MappingOptions {
  return {
    source: toBytes(source),
    destinations: destinations.map(([subject, weight]) => ({ subject: toBytes(subject), weight })),
  };
}

/** A publisher of one subject, whose route is kept from the second message on. */
class Publisher {
  readonly #routes: RouteCache;
  readonly #subject: Buffer;

  constructor(account: Account, subject: string) {
    this.#routes = new RouteCache(account);
    this.#subject = Buffer.from(subject, 'latin1');
    this.next();
    this.next();
  }

  next(): Route {
    return this.#routes.find(this.#subject, 0, this.#subject.length);
  }

  /** The subjects that the next messages go to. */
  targets(messages: number): Set<string> {
    return new Set(Array.from({ length: messages }, () => this.next().target.subject));
  }
}

describe('Route.target', () => {
  test('is the route itself in an account without mappings, and where none applies', () => {
    const account = new World().account('A');
    const route = new Publisher(account, 'one').next();
    expect(route.target).toBe(route);
    account.setMappings([mapping('other', ['two', 100])]);
    expect(route.target).toBe(route);
  });

  test('is kept for a destination without chance, and keeps its verdict', () => {
    const account = new World().account('A');
    account.setMappings([mapping('s.*', ['d.$1', 100])]);
    const publisher = new Publisher(account, 's.a');
    const { target } = publisher.next();
    expect(target.subject).toBe('d.a');
    expect(publisher.next().target).toBe(target);
  });

  test('is drawn for each message where weights say so, from as many routes as there are destinations', () => {
    const account = new World().account('A');
    account.setMappings([mapping('s.*', ['d.$1', 40], ['e.$1', 30])]);
    const publisher = new Publisher(account, 's.a');
    const routes = new Set(Array.from({ length: 200 }, () => publisher.next().target));
    expect([...routes].map((route) => route.subject).sort()).toEqual(['d.a', 'e.a', 's.a']);
    expect(routes.size).toBe(3);
  });

  test('is made for each message where the destination takes chance', () => {
    const account = new World().account('A');
    account.setMappings([mapping('s.*', ['d.{{random(3)}}', 100])]);
    expect([...new Publisher(account, 's.a').targets(200)].sort()).toEqual(['d.0', 'd.1', 'd.2']);
  });

  test('follows mappings that are replaced at once, in kept routes too', () => {
    const account = new World().account('A');
    const publisher = new Publisher(account, 's.a');
    const steps: [MappingOptions[], string][] = [
      [[], 's.a'],
      [[mapping('s.*', ['d.$1', 100])], 'd.a'],
      [[mapping('s.*', ['d.$1', 100]), mapping('s.a', ['exact', 100])], 'exact'],
      [[mapping('other', ['d', 100])], 's.a'],
      [[mapping('s.*', ['e.$1', 100])], 'e.a'],
      [[], 's.a'],
    ];
    for (const [mappings, subject] of steps) {
      account.setMappings(mappings);
      expect([...publisher.targets(3)]).toEqual([subject]);
    }
  });

  test('mappings that cannot be made leave those that are', () => {
    const account = new World().account('A');
    account.setMappings([mapping('s.*', ['d.$1', 100])]);
    expect(() => account.setMappings([mapping('s.*', ['d.$2', 100])])).toThrow('wildcard index out of range');
    expect(new Publisher(account, 's.a').next().target.subject).toBe('d.a');
  });
});
