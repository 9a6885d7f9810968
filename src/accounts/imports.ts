import type { Message } from '../base/index.ts';
import type { ImportOptions, Position } from '../config/index.ts';
import type { ImportFacts, Principal } from '../guard/index.ts';
import {
  type ByteString,
  EMPTY_BYTES,
  ImportTransform,
  isLiteral,
  isValidSubject,
  matches,
} from '../subjects/index.ts';
import type { Account } from './account.ts';
import type { BuiltinImport } from './builtin-doors.ts';
import { crossRequest } from './crossing.ts';
import { DoorJudge } from './door-judge.ts';
import type { ServiceExport } from './exports.ts';
import { Interest, type Sender } from './interest.ts';
import { mayAsk, type Passage } from './passage.ts';
import { RequestWays } from './request-ways.ts';

/** The two accounts of a door. */
export interface DoorEnds {
  readonly importer: Account;
  readonly exporter: Account;
}

/** What an account takes from another one. */
export interface ServiceImportOptions extends DoorEnds {
  /** The subject that requesters publish to. */
  readonly local: ByteString;
  /** The subject it becomes in the exporting account. */
  readonly remote: ByteString;
  /** Whether the exporter learns who asks, beyond the account. */
  readonly share: boolean;
  /** How local subjects become remote ones; absent: they are the same, or both are one literal subject. */
  readonly transform?: ImportTransform | undefined;
  /** Subjects within `local` that the importing account serves itself; they never cross. */
  readonly except?: readonly ByteString[] | undefined;
  /** Nobody had to configure it. */
  readonly builtin?: boolean;
}

const NOTHING: readonly ByteString[] = [];

/** One subject and no pattern of them: to rename it takes no transform. */
function isPlain(subject: ByteString): boolean {
  return isLiteral(subject) && isValidSubject(subject);
}

/** A service import: an interest in the importing account whose messages cross into the exporting one. */
export class ServiceImport extends Interest {
  readonly kind = 'service';
  readonly importer: Account;
  readonly exporter: Account;
  readonly remote: ByteString;
  readonly share: boolean;
  readonly builtin: boolean;
  readonly #except: readonly ByteString[];
  readonly #transform: ImportTransform | undefined;
  readonly #judge: DoorJudge<ServiceExport>;
  #ways: RequestWays | undefined;
  #isOpen = false;

  constructor(options: ServiceImportOptions) {
    super(options.local, EMPTY_BYTES);
    this.importer = options.importer;
    this.exporter = options.exporter;
    this.remote = options.remote;
    this.share = options.share;
    this.builtin = options.builtin ?? false;
    this.#transform = options.transform;
    this.#except = options.except ?? NOTHING;
    this.#judge = new DoorJudge(options.importer, 'service', options.remote, () =>
      this.exporter.services.covering(this.remote),
    );
  }

  /** @throws {TransformError} for a `to` that cannot be used. */
  static of(ends: DoorEnds, wanted: ImportOptions | BuiltinImport): ServiceImport {
    const { subject, to = subject, share } = wanted;
    const isSame = to === subject || (isPlain(subject) && isPlain(to));
    const transform = isSame ? undefined : ImportTransform.parse(subject, to, 'service');
    return new ServiceImport({
      importer: ends.importer,
      exporter: ends.exporter,
      local: transform?.local ?? to,
      remote: subject,
      share,
      builtin: 'builtin' in wanted,
      transform,
      except: 'except' in wanted ? wanted.except : undefined,
    });
  }

  /** The ways that requests over this door have come, each with the identity the service is told. */
  get ways(): RequestWays {
    this.#ways ??= new RequestWays(this);
    return this.#ways;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What the guard looks at, with the line that asks for it. */
  get facts(): ImportFacts {
    return this.#judge.wanted;
  }

  /** From now on requests in the importing account reach the exporting one. */
  open(): void {
    this.#isOpen = true;
    this.importer.add(this);
  }

  /** Nothing crosses from now on, and the ways back that were opened carry nothing. */
  close(): void {
    this.#isOpen = false;
    this.importer.remove(this);
  }

  /** Where the configuration asks for it, which may move while it stands. */
  writtenAt(at: Position | undefined): void {
    this.#judge.writtenAt(at);
  }

  /** The export that it may use on behalf of a principal now; undefined: none. */
  offerFor(principal: Principal): ServiceExport | undefined {
    return this.#isOpen ? this.#judge.offerFor(principal) : undefined;
  }

  /** The subject of a request in the exporting account; undefined for one that stays. */
  remoteSubject(local: ByteString): ByteString | undefined {
    for (const own of this.#except) if (matches(own, local)) return undefined;
    if (this.#transform !== undefined) return this.#transform.toRemote(local);
    return this.remote === this.subject ? local : this.remote;
  }

  override actsOutside(account: Account): boolean {
    return this.exporter !== account;
  }

  /** Answers and messages of streams go to subscriptions; they ask nothing of a third account. */
  override receive(message: Message, sender: Sender, passage: Passage | undefined): number {
    if (!mayAsk(passage)) return 0;
    const subject = this.remoteSubject(message.route);
    return subject === undefined ? 0 : crossRequest(this, subject, message, sender, passage);
  }
}

/** Wires an import up: from now on requests in the importing account reach the exporting one. */
export function importService(options: ServiceImportOptions): ServiceImport {
  const imported = new ServiceImport(options);
  imported.open();
  return imported;
}
