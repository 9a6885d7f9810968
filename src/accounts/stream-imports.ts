import type { Message } from '../base/index.ts';
import type { ImportOptions, Position } from '../config/index.ts';
import type { ImportFacts } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, ImportTransform, isLiteral, overlaps } from '../subjects/index.ts';
import type { Account } from './account.ts';
import { crossStream } from './crossing.ts';
import { DoorJudge } from './door-judge.ts';
import type { StreamExport } from './exports.ts';
import type { DoorEnds } from './imports.ts';
import { Interest, type Sender } from './interest.ts';
import type { Passage } from './passage.ts';

/** The way of a message over a stream import; one object for all of them. */
class StreamWay implements Passage {
  readonly kind = 'stream';
  readonly from;
  readonly through: StreamImport;
  readonly shares = false;
  readonly previous = undefined;
  readonly depth = 1;

  constructor(door: StreamImport) {
    this.from = door.exporter.id;
    this.through = door;
  }
}

/**
 * A stream import: an interest in the exporting account that hands messages to the importing one, where they are
 * delivered as any message is. It stands there only while somebody in the importing account would get them. Queue
 * groups are balanced within each account: a queue name of the importer takes nothing from the exporter's own groups.
 */
export class StreamImport extends Interest {
  readonly kind = 'stream';
  readonly importer: Account;
  readonly exporter: Account;
  readonly local: ByteString;
  readonly #transform: ImportTransform | undefined;
  readonly #judge: DoorJudge<StreamExport>;
  #isOpen = false;
  #way: Passage | undefined;
  /** Interests of the importing account that overlap what it brings. */
  #demand = 0;

  constructor({ importer, exporter }: DoorEnds, remote: ByteString, transform?: ImportTransform) {
    super(remote, EMPTY_BYTES);
    this.importer = importer;
    this.exporter = exporter;
    this.local = transform?.local ?? remote;
    this.#transform = transform;
    this.#judge = new DoorJudge(importer, 'stream', remote, () => this.exporter.streams.covering(remote));
  }

  /** @throws {TransformError} for a `to` that cannot be used. */
  static of(ends: DoorEnds, wanted: ImportOptions): StreamImport {
    const { subject, prefix, to } = wanted;
    const local = prefix === undefined ? (to ?? subject) : (`${prefix}.${subject}` as ByteString);
    if (local === subject) return new StreamImport(ends, subject);
    return new StreamImport(ends, subject, ImportTransform.parse(subject, local));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The way of every message over it. */
  get way(): Passage {
    this.#way ??= new StreamWay(this);
    return this.#way;
  }

  /** The subject in the exporting account. */
  get remote(): ByteString {
    return this.subject;
  }

  get facts(): ImportFacts {
    return this.#judge.wanted;
  }

  writtenAt(at: Position | undefined): void {
    this.#judge.writtenAt(at);
  }

  open(): void {
    this.#isOpen = true;
    this.importer.drawFrom(this);
  }

  close(): void {
    this.#isOpen = false;
    this.importer.drawNoMore(this);
    if (this.#demand > 0) this.exporter.setOutlet(this, false);
    this.#demand = 0;
  }

  /** Interest in the importing account came (1) or went (-1). */
  demand(by: 1 | -1, listened: ByteString): void {
    const before = this.#demand;
    this.#demand = before + by;
    if (before === 0) this.exporter.setOutlet(this, true);
    else if (this.#demand === 0) this.exporter.setOutlet(this, false);
    const literal = isLiteral(listened) ? this.remoteSubject(listened) : undefined;
    if (literal !== undefined) this.exporter.tellWatchers(literal);
  }

  /** Whether an interest in the importing account could get something over this import. */
  reaches(listened: ByteString): boolean {
    return overlaps(listened, this.local);
  }

  localSubject(remote: ByteString): ByteString | undefined {
    return this.#transform === undefined ? remote : this.#transform.toLocal(remote);
  }

  remoteSubject(local: ByteString): ByteString | undefined {
    return this.#transform === undefined ? local : this.#transform.toRemote(local);
  }

  /** Only what was published in the exporting account itself goes out: streams do not chain (measured on 2.14.5). */
  override receive(message: Message, sender: Sender, passage: Passage | undefined): number {
    if (passage !== undefined) return 0;
    const local = this.localSubject(message.route);
    if (local === undefined || this.#judge.offerFor(sender.principal) === undefined) return 0;
    return crossStream(this, local, message, sender);
  }

  override wouldReach(subject: ByteString): boolean {
    const local = this.localSubject(subject);
    return local !== undefined && this.importer.hasListeners(local);
  }

  override standsFor(subject: ByteString, queue: ByteString): boolean {
    const local = this.localSubject(subject);
    return local !== undefined && this.importer.hasOwnLiteral(local, queue);
  }
}

/** The stream imports of one account, found by what an interest could get from them. */
export class StreamImports {
  readonly #byFirstToken = new Map<string, Set<StreamImport>>();
  readonly #anywhere = new Set<StreamImport>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(door: StreamImport): void {
    this.#groupOf(door).add(door);
    this.#size++;
  }

  remove(door: StreamImport): void {
    const token = firstToken(door.local);
    const group = isWild(token) ? this.#anywhere : this.#byFirstToken.get(token);
    if (group?.delete(door) !== true) return;
    this.#size--;
    if (group.size === 0) this.#byFirstToken.delete(token);
  }

  /** Interest in a subject of the importing account came or went. */
  demand(by: 1 | -1, listened: ByteString): void {
    const token = firstToken(listened);
    for (const door of this.#anywhere) if (door.reaches(listened)) door.demand(by, listened);
    if (isWild(token)) {
      for (const doors of this.#byFirstToken.values())
        for (const door of doors) if (door.reaches(listened)) door.demand(by, listened);
    } else {
      const doors = this.#byFirstToken.get(token);
      if (doors !== undefined)
        for (const door of doors) if (door.reaches(listened)) door.demand(by, listened);
    }
  }

  #groupOf(door: StreamImport): Set<StreamImport> {
    const token = firstToken(door.local);
    if (isWild(token)) return this.#anywhere;
    let group = this.#byFirstToken.get(token);
    if (group === undefined) {
      group = new Set();
      this.#byFirstToken.set(token, group);
    }
    return group;
  }
}

function firstToken(subject: ByteString): string {
  const dot = subject.indexOf('.');
  return dot === -1 ? subject : subject.slice(0, dot);
}

function isWild(token: string): boolean {
  return token === '*' || token === '>';
}
