import { formsCycle } from '../../model/index.ts';
import type { Session, Target } from '../target.ts';
import type { World, WorldAccount, WorldImport } from '../world.ts';

/** Starts the server with another world than the one the oracle knows. */
export class Altered implements Target {
  readonly #inner: Target;
  readonly #alter: (world: World) => World;
  readonly #reloads: boolean;

  constructor(inner: Target, alter: (world: World) => World, reloads = true) {
    this.#inner = inner;
    this.#alter = alter;
    this.#reloads = reloads;
  }

  get name(): string {
    return `${this.#inner.name}, altered`;
  }

  get exact(): boolean {
    return this.#inner.exact;
  }

  async start(world: World): Promise<Session> {
    const session = await this.#inner.start(this.#alter(world));
    if (!this.#reloads) session.reload = async () => {};
    return session;
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}

/**
 * A world with a door more, from the first account to the second, that no oracle hears of. Where it would make a cycle
 * the world stays as it is.
 */
export function withSecretDoor(
  world: World,
  kind: WorldImport['kind'],
  subject: string,
  prefix?: string,
): World {
  const [exporter, importer, ...others] = world.accounts;
  if (exporter === undefined || importer === undefined) return world;
  const offer = { kind, subject, responseType: 'stream', thresholdMs: 120_000 } as const;
  const taken = { kind, account: exporter.name, subject, ...(prefix === undefined ? {} : { prefix }) };
  const free = (each: { kind: string; subject: string }): boolean =>
    each.kind !== kind || each.subject !== subject;
  const accounts: readonly WorldAccount[] = [
    { ...exporter, exports: [...(exporter.exports ?? []).filter(free), offer] },
    { ...importer, imports: [...(importer.imports ?? []).filter(free), taken] },
    ...others,
  ];
  return formsCycle(accounts) ? world : { accounts };
}
