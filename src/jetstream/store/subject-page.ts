import { limits } from '../../base/index.ts';
import { type ByteString, toText } from '../../subjects/index.ts';
import type { SlicedWork } from '../sliced.ts';
import type { SubjectFilter } from './filter.ts';
import type { SubjectTable } from './subject-table.ts';

/** Comparisons of subjects that count as much as looking at a message. */
const STEPS_PER_UNIT = 4;
/** Ranges no longer than this are sorted as texts. */
const SMALL = 64;
/** What sorting such a range counts, in comparisons. */
const SMALL_STEPS = 512;

/** Subjects of one page with how many messages each has, and how many subjects all pages have. */
export interface SubjectCounts {
  readonly total: number;
  readonly counts: Record<string, number>;
}

/** A range that is being divided: what comes before the pivot is moved to its front. */
interface Division {
  readonly low: number;
  readonly high: number;
  readonly pivot: ByteString;
  /** Where the front ends, and where to go on. */
  front: number;
  at: number;
}

/**
 * One page of the subjects that match, in the order of their bytes. What lies on other pages is divided from it but not
 * sorted, a slice at a time; subjects that go meanwhile are left out.
 */
export class SubjectPage implements SlicedWork<SubjectCounts> {
  readonly #subjects: SubjectTable;
  readonly #filter: SubjectFilter;
  readonly #ids: Uint32Array;
  readonly #from: number;
  readonly #below: number;
  /** Ranges that are still to be sorted, first and last place. */
  readonly #ranges: (readonly [low: number, high: number])[] = [];
  #division: Division | undefined;
  #chance: number;

  /** @param chance a number that who names the subjects cannot guess: no order of theirs takes longest. */
  constructor(
    subjects: SubjectTable,
    filter: SubjectFilter,
    ids: Uint32Array,
    page: { readonly offset: number; readonly limit: number },
    chance: number,
  ) {
    this.#subjects = subjects;
    this.#filter = filter;
    this.#ids = ids;
    this.#from = page.offset;
    this.#below = Math.min(ids.length, page.offset + page.limit);
    this.#chance = chance;
    this.#queue(0, ids.length - 1);
  }

  step(budget: number): boolean {
    for (let left = budget * STEPS_PER_UNIT; left > 0; ) {
      const division = this.#division ?? this.#nextDivision();
      if (division !== undefined) left -= this.#divide(division, left);
      else if (this.#ranges.length === 0) return true;
      else left -= this.#sortSmall();
    }
    return this.#ranges.length === 0 && this.#division === undefined;
  }

  result(): SubjectCounts {
    const counts: Record<string, number> = Object.create(null) as Record<string, number>;
    let bytes = 0;
    for (const id of this.#ids.subarray(this.#from, this.#below)) {
      const count = this.#subjects.counts[id] as number;
      const subject = this.#subjects.textOnce(id);
      if (count === 0 || !this.#filter.matches(subject)) continue;
      bytes += subject.length;
      if (bytes > limits.MAX_INFO_SUBJECT_BYTES) break;
      counts[toText(subject)] = count;
    }
    return { total: this.#ids.length, counts };
  }

  /** Notes a range that is to be sorted, where it has a place on the page. */
  #queue(low: number, high: number): void {
    if (low < high && low < this.#below && high >= this.#from) this.#ranges.push([low, high]);
  }

  /** Begins to divide the next range, unless it is a small one. */
  #nextDivision(): Division | undefined {
    const [low, high] = this.#ranges[this.#ranges.length - 1] ?? [0, 0];
    if (high - low < SMALL) return undefined;
    this.#ranges.pop();
    this.#chance = (Math.imul(this.#chance, 0x9e37_79b1) + 0x7f4a_7c15) >>> 0;
    this.#swap(low + (this.#chance % (high - low + 1)), high);
    const pivot = this.#subjects.textOnce(this.#ids[high] as number);
    this.#division = { low, high, pivot, front: low, at: low };
    return this.#division;
  }

  /** @returns how many comparisons it took. */
  #divide(division: Division, most: number): number {
    const { low, high, pivot } = division;
    const end = Math.min(high, division.at + most);
    const steps = end - division.at + 1;
    for (; division.at < end; division.at++) {
      if (this.#subjects.precedes(this.#ids[division.at] as number, pivot)) {
        this.#swap(division.at, division.front++);
      }
    }
    if (end < high) return steps;
    this.#swap(division.front, high);
    this.#division = undefined;
    this.#queue(division.front + 1, high);
    this.#queue(low, division.front - 1);
    return steps;
  }

  #sortSmall(): number {
    const [low, high] = this.#ranges.pop() ?? [0, 0];
    const sorted = Array.from(this.#ids.subarray(low, high + 1), (id) => ({
      id,
      text: this.#subjects.textOnce(id),
    }));
    sorted.sort((a, b) => (a.text < b.text ? -1 : 1));
    sorted.forEach(({ id }, index) => {
      this.#ids[low + index] = id;
    });
    return SMALL_STEPS;
  }

  #swap(a: number, b: number): void {
    const id = this.#ids[a] as number;
    this.#ids[a] = this.#ids[b] as number;
    this.#ids[b] = id;
  }
}
