import { formatInstant } from '../base/index.ts';
import { type ByteString, toBytes, toText } from '../subjects/index.ts';
import type { Inflow } from './inflow.ts';
import { isLocal, patternsOf } from './source-config.ts';
import { SourceKey, shortHash } from './source-header.ts';

const LOCAL_API = '$JS.API';
const SECOND = 1e9;
/** How long a delivery may wait for an acknowledgement that never comes, as 2.14.5 asks for it. */
const ACK_WAIT = 22 * 3600 * SECOND;
const INACTIVE = 10 * SECOND;

/** A request to the API of the account that has the origin, and where what it causes is delivered. */
export interface SourcingRequest {
  readonly subject: ByteString;
  readonly body: Buffer;
  /** The consumer it asks for; the origin may give it another name. */
  readonly consumer: ByteString;
}

/** Prefix of the API that has an inflow's origin. */
export function apiOf({ source, stream }: Inflow): string {
  const isHere = isLocal(source, stream.jetstream.env.domain);
  return isHere || source.external === undefined ? LOCAL_API : source.external.api;
}

/** Where an inflow's messages are delivered, before a part that is drawn. */
export function deliverPrefixOf({ source, isMirror }: Inflow): string {
  const deliver = source.external?.deliver ?? '';
  return `${deliver === '' ? '$JS' : deliver}.${isMirror ? 'M' : 'S'}`;
}

/**
 * Asks for a consumer that hands on the origin's messages, as 2.14.5 asks for it (measured): without acknowledgements
 * where the origin keeps its messages, and the origin makes it one with them where it does not.
 */
export function sourcingRequest(inflow: Inflow, deliver: ByteString): SourcingRequest {
  const { source, isMirror, stream } = inflow;
  const label = isMirror ? '_nats.mirror' : '_nats.src';
  const patterns = patternsOf(source);
  const name = consumerName(inflow);
  const config = {
    name,
    ...startOf(inflow),
    ack_policy: 'none',
    ack_wait: ACK_WAIT,
    max_deliver: 1,
    ...(patterns.length === 1 ? { filter_subject: patterns[0] } : {}),
    ...(patterns.length > 1 ? { filter_subjects: patterns } : {}),
    replay_policy: 'instant',
    flow_control: true,
    deliver_subject: toText(deliver),
    idle_heartbeat: SECOND,
    inactive_threshold: INACTIVE,
    num_replicas: 0,
    direct: true,
    sourcing: true,
    metadata: { [`${label}.acc`]: stream.jetstream.env.accountName, [`${label}.stream`]: stream.config.name },
  };
  const filtered = patterns.length === 1 ? `.${name}.${patterns[0]}` : '';
  return {
    subject: toBytes(`${apiOf(inflow)}.CONSUMER.CREATE.${source.name}${filtered}`),
    body: Buffer.from(JSON.stringify({ stream_name: source.name, config, action: '' })),
    consumer: toBytes(name),
  };
}

/** The same for the same inflow, so that a consumer that is still there is taken over. */
function consumerName({ source, stream, isMirror }: Inflow): string {
  const { accountName } = stream.jetstream.env;
  const hash = shortHash(toBytes(`${accountName} ${stream.config.name} ${new SourceKey(source).text}`));
  return `${isMirror ? 'JS_MIRROR' : 'JS_SRC'}_${hash}`;
}

function startOf({ resumesAt, startsAt, source }: Inflow): Record<string, unknown> {
  const seq = resumesAt ?? (startsAt === undefined ? source.opt_start_seq : undefined);
  if (seq !== undefined) return { deliver_policy: 'by_start_sequence', opt_start_seq: seq };
  if (startsAt === undefined) return { deliver_policy: 'all' };
  return { deliver_policy: 'by_start_time', opt_start_time: formatInstant(startsAt) };
}
