import { limits } from '../base/index.ts';
import type { Principal } from '../guard/index.ts';
import type { ServiceExport } from './exports.ts';
import type { ServiceImport } from './imports.ts';
import type { Sender } from './interest.ts';
import type { Passage } from './passage.ts';
import { identityLine, requestInfo } from './request-info.ts';

/** One way to a service: through which doors, and what the service is told of those who ask. */
export class RequestWay implements Passage {
  readonly kind = 'request';
  readonly from;
  readonly through: ServiceExport;
  readonly previous: Passage | undefined;
  readonly depth: number;
  readonly shares: boolean;
  /** With sharing: the line of each connection, for as long as the connection lives. */
  readonly #shared = new WeakMap<Principal, Buffer>();
  /** Without: who asks is the account, the same for all. */
  #plain: Buffer | undefined;

  constructor(door: ServiceImport, through: ServiceExport, previous: Passage | undefined) {
    this.from = door.importer.id;
    this.through = through;
    this.previous = previous;
    this.depth = (previous?.depth ?? 0) + 1;
    this.shares = door.share && (previous?.shares ?? true);
  }

  /** The header line that tells the service who asks. */
  identityOf(sender: Sender): Buffer {
    if (!this.shares) {
      this.#plain ??= identityLine(requestInfo(sender, this));
      return this.#plain;
    }
    let line = this.#shared.get(sender.principal);
    if (line === undefined) {
      line = identityLine(requestInfo(sender, this));
      this.#shared.set(sender.principal, line);
    }
    return line;
  }
}

/** The ways over one service import: one object for each chain of doors before it, made when it is first used. */
export class RequestWays {
  readonly #door: ServiceImport;
  #first: RequestWay | undefined;
  #later: WeakMap<Passage, RequestWay> | undefined;

  constructor(door: ServiceImport) {
    this.#door = door;
  }

  /** The way on through this door; undefined where a chain must not go on. */
  after(previous: Passage | undefined, through: ServiceExport): RequestWay | undefined {
    const known = previous === undefined ? this.#first : this.#later?.get(previous);
    if (known?.through === through) return known;
    if (wasHere(previous, through)) return undefined;
    const way = new RequestWay(this.#door, through, previous);
    if (previous === undefined) this.#first = way;
    else {
      this.#later ??= new WeakMap();
      this.#later.set(previous, way);
    }
    return way;
  }
}

/** A chain that comes back to an export it went through, or grows too long, stops here (CVE-2022-42709). */
function wasHere(passage: Passage | undefined, through: object): boolean {
  if (passage !== undefined && passage.depth >= limits.MAX_CROSSINGS) return true;
  for (let step = passage; step !== undefined; step = step.previous)
    if (step.through === through) return true;
  return false;
}
