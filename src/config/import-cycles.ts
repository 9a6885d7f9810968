import { limits } from '../base/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import { refused } from './import-subjects.ts';
import type { ImportOptions } from './options.ts';
import { type Findings, formatPosition } from './problems.ts';
import { SubjectIndex } from './subject-index.ts';

/** An import with the account that has it and the pattern under which it stands there. */
export interface Passage {
  readonly importer: ByteString;
  readonly import: ImportOptions;
  readonly local: ByteString;
}

/** Imports of a cycle that a message writes out. */
const HOPS_SHOWN = 6;

/** A subject of an account that others import, and where it leads on from there. */
interface Place {
  /** 0: not seen, 1: on the way that is being followed, 2: done. */
  state: 0 | 1 | 2;
}

interface Step {
  readonly place: Place;
  /** The imports by which the account of the place has its subjects from others. */
  readonly onward: readonly Passage[];
  next: number;
  /** How one came here. */
  readonly by: Passage;
}

/**
 * Refuses imports that lead back to where they began: an imported subject which the other account has in turn from a
 * third one under an overlapping subject, and so on, round to the first. Streams and services are two worlds. That an
 * account imports from itself is no cycle (measured on 2.14.5).
 *
 * Every subject that is imported from an account is looked at once, together with the imports of that account that
 * overlap it, so the work grows with the doors that touch each other and not with all pairs.
 */
export function checkCycles(passages: readonly Passage[], findings: Findings): void {
  for (const kind of ['service', 'stream'] as const) {
    const ofKind = passages.filter((passage) => passage.import.kind === kind);
    new CycleSearch(ofKind, findings).run();
  }
}

class CycleSearch {
  readonly #passages: readonly Passage[];
  readonly #findings: Findings;
  readonly #places = new Map<ByteString, Map<ByteString, Place>>();
  readonly #intoAccount = new Map<ByteString, SubjectIndex<Passage>>();
  #links = 0;

  constructor(passages: readonly Passage[], findings: Findings) {
    this.#passages = passages;
    this.#findings = findings;
    for (const passage of passages) {
      let index = this.#intoAccount.get(passage.importer);
      if (index === undefined) {
        index = new SubjectIndex();
        this.#intoAccount.set(passage.importer, index);
      }
      index.add(passage.local, passage);
    }
  }

  run(): void {
    for (const passage of this.#passages) {
      const place = this.#placeOf(passage.import);
      if (place.state === 0) this.#follow(passage, place);
      if (this.#links > limits.MAX_IMPORT_LINKS) {
        this.#findings.attempt(() => {
          throw refused(passage.import, 'search cycle depth exhausted');
        });
        return;
      }
    }
  }

  #placeOf({ account, subject }: ImportOptions): Place {
    let subjects = this.#places.get(account);
    if (subjects === undefined) {
      subjects = new Map();
      this.#places.set(account, subjects);
    }
    let place = subjects.get(subject);
    if (place === undefined) {
      place = { state: 0 };
      subjects.set(subject, place);
    }
    return place;
  }

  /** Goes all ways from one place, deepest first, with a stack of its own: chains may be long. */
  #follow(start: Passage, place: Place): void {
    const way: Step[] = [this.#enter(start, place)];
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const passage = step.onward[step.next++];
      if (passage === undefined || this.#links > limits.MAX_IMPORT_LINKS) {
        step.place.state = 2;
        way.pop();
        continue;
      }
      const next = this.#placeOf(passage.import);
      if (next.state === 0) way.push(this.#enter(passage, next));
      else if (next.state === 1) this.#report(way, next, passage);
    }
  }

  #enter(by: Passage, place: Place): Step {
    const { account, subject } = by.import;
    const onward = (this.#intoAccount.get(account)?.overlapping(subject) ?? []).filter(
      (passage) => passage.import.account !== passage.importer || passage.import.subject !== subject,
    );
    this.#links += onward.length;
    place.state = 1;
    return { place, onward, next: 0, by };
  }

  /** @param closing the import that leads to a place which is already on the way. */
  #report(way: readonly Step[], place: Place, closing: Passage): void {
    const from = way.findIndex((step) => step.place === place);
    const hops = [...way.slice(from + 1).map((step) => step.by), closing].map(shown);
    const more = hops.length > HOPS_SHOWN ? ` and ${hops.length - HOPS_SHOWN} more` : '';
    const text = `import forms a cycle (${hops.slice(0, HOPS_SHOWN).join('; ')}${more})`;
    this.#findings.attempt(() => {
      throw refused(closing.import, text);
    });
  }
}

function shown({ importer, import: { account, subject, at }, local }: Passage): string {
  const place = formatPosition(at).replace(/: $/, '');
  const as = local === subject ? '' : ` as "${toText(local)}"`;
  const where = place === '' ? '' : ` at ${place}`;
  return `${toText(importer)} takes "${toText(subject)}" of ${toText(account)}${as}${where}`;
}
