import type { Random } from '../base/index.ts';
import type { MappingDestination, MappingOptions } from '../config/index.ts';
import {
  type ByteString,
  EMPTY_BYTES,
  SubjectTransform,
  SubjectTrie,
  TransformError,
  type TrieEntry,
  tokensOf,
} from '../subjects/index.ts';

/** The weights of a mapping are percent; below this sum the rest of the messages keeps its subject. */
const WHOLE = 100;

/**
 * The subject mappings of one account: what its clients publish goes to another subject, once, without looking whether
 * the result is mapped in turn. Where sources overlap the most specific one wins: from the left, a literal token
 * before `*`, and that before `>`. (The real server picks one of them anew at every start; measured on 2.14.5.)
 */
export class Mappings {
  readonly #trie = new SubjectTrie<Mapping>();

  /**
   * @param random chance of weights and of `{{random(n)}}`.
   * @throws {TransformError}
   */
  constructor(options: readonly MappingOptions[], random: Random) {
    const bySource = new Map(options.map((one) => [one.source, one]));
    for (const one of bySource.values()) this.#trie.insert(new Mapping(one, random));
  }

  /** The mapping that a published subject is under; undefined: it keeps its subject. */
  find(subject: ByteString): Mapping | undefined {
    const { plain } = this.#trie.match(subject);
    let best: Mapping | undefined;
    for (const mapping of plain) if (best === undefined || mapping.comesBefore(best)) best = mapping;
    return best;
  }
}

/** One source and where its messages go. */
export class Mapping implements TrieEntry {
  readonly subject: ByteString;
  readonly queue = EMPTY_BYTES;
  readonly #choices: readonly Choice[];
  readonly #rank: readonly number[];
  readonly #random: Random;

  constructor({ source, destinations }: MappingOptions, random: Random) {
    this.subject = source;
    this.#choices = choicesOf(source, destinations);
    this.#rank = tokensOf(source).map((token) => (token === '>' ? 2 : token === '*' ? 1 : 0));
    this.#random = random;
  }

  /** The transform for one message, by the weights; undefined: it keeps its subject. */
  choose(): SubjectTransform | undefined {
    const [first] = this.#choices;
    if (first === undefined || first.upTo >= WHOLE) return first?.transform;
    const drawn = this.#random.below(WHOLE);
    return this.#choices.find(({ upTo }) => drawn < upTo)?.transform;
  }

  /** What a transform of this mapping makes of a subject. */
  apply(transform: SubjectTransform, subject: ByteString): ByteString {
    return transform.apply(subject, this.#random) ?? subject;
  }

  /** Whether it is the more specific one of two that match a subject. */
  comesBefore(other: Mapping): boolean {
    for (let i = 0; i < this.#rank.length; i++) {
      const difference = (this.#rank[i] ?? 0) - (other.#rank[i] ?? 0);
      if (difference !== 0) return difference < 0;
    }
    return false;
  }
}

/** A destination, and the share of all messages that go to it or to one before it, in percent. */
interface Choice {
  readonly transform: SubjectTransform;
  readonly upTo: number;
}

/** This server is in no cluster: destinations for one are checked and left out, as on the real server alone (measured). */
function choicesOf(source: ByteString, destinations: readonly MappingDestination[]): Choice[] {
  const choices: Choice[] = [];
  let sum = 0;
  for (const { subject, weight, cluster } of destinations) {
    const transform = SubjectTransform.parse(source, subject);
    if (cluster !== undefined || weight === 0) continue;
    sum += weight;
    choices.push({ transform, upTo: sum });
  }
  if (sum > WHOLE) throw new TransformError('total weight needs to be <= 100');
  return choices;
}
