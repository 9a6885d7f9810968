import type { MappingOptions } from '../config/index.ts';
import { toBytes } from '../subjects/index.ts';

/** What of the API is called by the domain's name, and what that means (measured on 2.14.5). */
const NAMED: readonly (readonly [string, string])[] = [
  ['INFO', '$JS.API.INFO'],
  ['STREAM.>', '$JS.API.STREAM.>'],
  ['CONSUMER.>', '$JS.API.CONSUMER.>'],
  ['DIRECT.>', '$JS.API.DIRECT.>'],
  ['META.>', '$JS.API.META.>'],
  ['SERVER.>', '$JS.API.SERVER.>'],
  ['ACCOUNT.>', '$JS.API.ACCOUNT.>'],
  ['$KV.>', '$KV.>'],
  ['$OBJ.>', '$OBJ.>'],
];

/**
 * The mappings by which every account reaches JetStream of this server under the name of its domain:
 * `$JS.<domain>.API.STREAM.INFO.S` and so on. Without a domain there are none.
 */
export function domainMappings(domain: string): MappingOptions[] {
  if (domain === '') return [];
  return NAMED.map(([rest, to]) => ({
    source: toBytes(`$JS.${domain}.API.${rest}`),
    destinations: [{ subject: toBytes(to), weight: 100 }],
  }));
}
