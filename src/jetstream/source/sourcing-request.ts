import { formatInstant, withHeader } from '../../base/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import type { Inflow } from './inflow.ts';
import { isLocal, patternsOf, type SourceConfig } from './source-config.ts';
import { SourceKey, shortHash } from './source-header.ts';

const LOCAL_API = '$JS.API';
const REQUIRED_LEVEL = withHeader(Buffer.alloc(0), 'Nats-Required-Api-Level', '4');
const SECOND = 1e9;
/** How long a delivery may wait for an acknowledgement that never comes, as 2.14.5 asks for it. */
const ACK_WAIT = 22 * 3600 * SECOND;
const INACTIVE = 10 * SECOND;

/** A request to the API of the account that has the origin, and where what it causes is delivered. */
export interface SourcingRequest {
  readonly subject: ByteString;
  readonly header?: Buffer;
  readonly body: Buffer;
  readonly deliver: ByteString;
  /** The consumer it asks for; the origin may give it another name. */
  readonly consumer: ByteString;
  /** Whether somebody made the consumer beforehand: it stays when nobody takes from it any more. */
  readonly isLasting: boolean;
}

/** Prefix of the API that has an inflow's origin. */
export function apiOf({ source, stream }: Inflow): string {
  const isHere = isLocal(source, stream.jetstream.env.domain);
  return isHere || source.external === undefined ? LOCAL_API : source.external.api;
}

/** What brings an inflow its messages. @param token drawn, for a subject that nobody else uses. */
export function sourcingRequest(inflow: Inflow, token: string): SourcingRequest {
  const { consumer } = inflow.source;
  return consumer === undefined ? creation(inflow, token) : reset(inflow, consumer);
}

/** Sets a consumer that is there already back to what it has not handed on yet. */
function reset(inflow: Inflow, consumer: NonNullable<SourceConfig['consumer']>): SourcingRequest {
  return {
    subject: toBytes(`${apiOf(inflow)}.CONSUMER.RESET.${inflow.source.name}.${consumer.name}`),
    body: Buffer.alloc(0),
    deliver: toBytes(consumer.deliver_subject),
    consumer: toBytes(consumer.name),
    isLasting: true,
  };
}

/** Where an inflow's messages are delivered, before a part that is drawn. */
function deliverPrefixOf({ source, isMirror }: Inflow): string {
  const deliver = source.external?.deliver ?? '';
  return `${deliver === '' ? '$JS' : deliver}.${isMirror ? 'M' : 'S'}`;
}

/**
 * Asks for a consumer that hands on the origin's messages, as 2.14.5 asks for it (measured): without acknowledgements
 * where the origin keeps its messages, and the origin makes it one with them where it does not.
 */
function creation(inflow: Inflow, token: string): SourcingRequest {
  const { source, isMirror, stream } = inflow;
  const { accountName, domain } = stream.jetstream.env;
  const deliver = `${deliverPrefixOf(inflow)}.${token}`;
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
    deliver_subject: deliver,
    idle_heartbeat: SECOND,
    inactive_threshold: INACTIVE,
    num_replicas: 0,
    direct: true,
    sourcing: true,
    metadata: {
      [`${label}.acc`]: accountName,
      ...(domain === '' ? {} : { [`${label}.domain`]: domain }),
      [`${label}.stream`]: stream.config.name,
    },
  };
  const filtered = patterns.length === 1 ? `.${name}.${patterns[0]}` : '';
  return {
    subject: toBytes(`${apiOf(inflow)}.CONSUMER.CREATE.${source.name}${filtered}`),
    header: REQUIRED_LEVEL,
    body: Buffer.from(JSON.stringify({ stream_name: source.name, config, action: '' })),
    deliver: toBytes(deliver),
    consumer: toBytes(name),
    isLasting: false,
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
