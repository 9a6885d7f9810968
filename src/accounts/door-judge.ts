import type { Position } from '../config/index.ts';
import type { ExportFacts, ImportFacts, Principal } from '../guard/index.ts';
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
  #wanted: ImportFacts;
  #offer: E | undefined;
  #generation = -1;

  /** @param offers the exports that cover what is wanted, the exact one alone if there is one. */
  constructor(importer: Account, wanted: ImportFacts, offers: () => readonly E[]) {
    this.#importer = importer;
    this.#wanted = wanted;
    this.#offers = offers;
  }

  get wanted(): ImportFacts {
    return this.#wanted;
  }

  writtenAt(at: Position | undefined): void {
    if (this.#wanted.at === at) return;
    const { kind, remote } = this.#wanted;
    this.#wanted = {
      ...(kind === undefined ? {} : { kind }),
      remote,
      ...(at === undefined ? {} : { at }),
    };
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
      if (guard.crossing(this.#importer.id, this.#wanted, offer.facts, principal).allowed) return offer;
    }
    if (offers.length === 0) guard.crossing(this.#importer.id, this.#wanted, undefined, principal);
    return undefined;
  }
}
