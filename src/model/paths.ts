import type { Tenant } from './topology.ts';

/** From each account to those that something of it may reach; each reaches itself. */
export type Reach = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Whose messages, requests and answers may be seen by whom. Over a stream they go out to the importer; over a service
 * requests go one way and answers the other. Who gets something may hand it on (a stream stores and delivers it again,
 * a chain of services asks further), so what two steps reach is reached.
 */
export function messageReach(tenants: readonly Tenant[]): Reach {
  return closure(tenants, (importer, { kind, account }) =>
    kind === 'stream'
      ? [[account, importer]]
      : [
          [account, importer],
          [importer, account],
        ],
  );
}

/**
 * Who may notice that somebody acts at all. A door shows in both directions: whether anybody listens behind a stream
 * import tells a requester on the other side "no responders", and wakes a push consumer.
 */
export function influence(tenants: readonly Tenant[]): Reach {
  return closure(tenants, (importer, { account }) => [
    [account, importer],
    [importer, account],
  ]);
}

type Edge = readonly [from: string, to: string];
type Door = NonNullable<Tenant['imports']>[number];

function closure(
  tenants: readonly Tenant[],
  edgesOf: (importer: string, door: Door) => readonly Edge[],
): Reach {
  const edges = tenants.flatMap(({ name, imports = [] }) => imports.flatMap((door) => edgesOf(name, door)));
  const reach = new Map<string, ReadonlySet<string>>();
  for (const { name } of tenants) {
    const seen = new Set([name]);
    // A set grows under its own iteration: what is added is visited too.
    for (const at of seen) for (const [from, to] of edges) if (from === at) seen.add(to);
    reach.set(name, seen);
  }
  return reach;
}
