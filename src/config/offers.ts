import type { ByteString } from '../subjects/index.ts';
import type { ExportOptions } from './options.ts';
import { SubjectIndex } from './subject-index.ts';

type Kind = ExportOptions['kind'];

/** What one account offers, by kind and subject. */
export class Offers {
  readonly #exports: readonly ExportOptions[];
  readonly #exact = new Map<string, ExportOptions>();
  readonly #index = { stream: new SubjectIndex<ExportOptions>(), service: new SubjectIndex<ExportOptions>() };

  constructor(exports: readonly ExportOptions[]) {
    this.#exports = exports;
    for (const offer of exports) {
      this.#exact.set(`${offer.kind} ${offer.subject}`, offer);
      this.#index[offer.kind].add(offer.subject, offer);
    }
  }

  /** How many exports of a kind there are. */
  count(kind: Kind): number {
    return this.#exports.filter((offer) => offer.kind === kind).length;
  }

  /**
   * The exports that may answer for an imported subject: the one of exactly this subject; where there is none, all
   * that cover it. Of several that cover it the real server asks any one, by chance (measured on 2.14.5).
   */
  of(kind: Kind, subject: ByteString): readonly ExportOptions[] {
    const exact = this.#exact.get(`${kind} ${subject}`);
    return exact === undefined ? this.#index[kind].covering(subject) : [exact];
  }
}
