import type { Position } from '../config/index.ts';
import type { DoorKind, ExportFacts, ImportFacts, Principal } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import type { Account } from './account.ts';

/** What an import needs of the exports it may use. */
interface Judged {
  readonly facts: ExportFacts;
  readonly isOpen: boolean;
}

/**
 * Which export an import may use. The guard says; its verdict follows from the configuration alone and is kept until
 * the policy changes, so that a message that crosses costs one comparison.
 */
export class DoorJudge<E extends Judged> {
  readonly #importer: Account;
  readonly #offers: () => readonly E[];
  readonly #kind: DoorKind;
  readonly #remote: ByteString;
  #at: Position | undefined;
  #wanted: ImportFacts | undefined;
  #offer: E | undefined;
  #generation = -1;

  /** @param offers the exports that cover what is wanted, the exact one alone if there is one. */
  constructor(importer: Account, kind: DoorKind, remote: ByteString, offers: () => readonly E[]) {
    this.#importer = importer;
    this.#kind = kind;
    this.#remote = remote;
    this.#offers = offers;
  }

  /** What the guard looks at. Made when it is asked for: most doors of many never are. */
  get wanted(): ImportFacts {
    const at = this.#at;
    this.#wanted ??= { kind: this.#kind, remote: this.#remote, ...(at === undefined ? {} : { at }) };
    return this.#wanted;
  }

  writtenAt(at: Position | undefined): void {
    if (this.#at === at) return;
    this.#at = at;
    this.#wanted = undefined;
  }

  /** The export through which a message of this principal may cross now; undefined: none. */
  offerFor(principal: Principal): E | undefined {
    const { guard } = this.#importer.house;
    const { generation } = guard;
    if (this.#generation === generation) return this.#offer;
    this.#offer = this.#decide(principal);
    this.#generation = guard.mayKeep ? generation : -1;
    return this.#offer;
  }

  /** The first export that the guard lets it use; where none covers it the guard hears of that too. */
  #decide(principal: Principal): E | undefined {
    const { guard } = this.#importer.house;
    const offers = this.#offers();
    for (const offer of offers) {
      if (guard.crossing(this.#importer.id, this.wanted, offer.facts, principal).allowed) return offer;
    }
    if (offers.length === 0) guard.crossing(this.#importer.id, this.wanted, undefined, principal);
    return undefined;
  }
}
