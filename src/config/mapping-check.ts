import { isSubsetOf, toText } from '../subjects/index.ts';
import type { MappingOptions } from './options.ts';
import { type Findings, formatPosition } from './problems.ts';
import { SubjectIndex } from './subject-index.ts';

/**
 * Refuses mappings of one account between which a subject cannot choose: the same source twice (`mappings` beside
 * `maps`), or two sources that share subjects while neither lies within the other. Of two that do, the narrower one
 * applies. On 2.14.5 the winner differs from start to start.
 */
export function checkMappings(mappings: readonly MappingOptions[], findings: Findings): void {
  const index = new SubjectIndex<MappingOptions>();
  for (const mapping of mappings) {
    const rival = index.overlapping(mapping.source).find((other) => isAmbiguous(other, mapping));
    if (rival !== undefined) findings.problem(mapping.at, clash(mapping, rival));
    index.add(mapping.source, mapping);
  }
}

function isAmbiguous({ source: one }: MappingOptions, { source: other }: MappingOptions): boolean {
  return isSubsetOf(one, other) === isSubsetOf(other, one);
}

function clash(mapping: MappingOptions, rival: MappingOptions): string {
  const place = formatPosition(rival.at).replace(/: $/, '');
  const where = place === '' ? '' : ` at ${place}`;
  const [one, other] = [toText(mapping.source), toText(rival.source)];
  if (one === other) return `Error adding mapping for "${one}" : already mapped${where}`;
  return `Error adding mapping for "${one}" : ambiguous with the mapping of "${other}"${where}`;
}
