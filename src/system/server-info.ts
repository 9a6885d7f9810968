import { formatInstant } from '../base/index.ts';
import type { AccountId } from '../guard/index.ts';
import type { ReplyBody } from './service.ts';
import type { HouseView } from './view.ts';

/** What a server says of its abilities: bit 0 JetStream, bit 1 binary snapshots, bit 2 groups per account. */
const JETSTREAM_FLAGS = 7;
/** Switches of 2.14 that concern clusters: off here. */
const FEATURE_FLAGS = { js_ack_fc_v2: false, js_raft_delete_range: false };

/**
 * The `server` part of replies and events. Its sequence is counted per receiving account: a shared counter would tell
 * one tenant how much others ask.
 */
export class ServerStamp {
  readonly #house: HouseView;
  readonly #sequences = new WeakMap<AccountId, number>();

  constructor(house: HouseView) {
    this.#house = house;
  }

  /** @param receiver the account that will read it. */
  next(receiver: AccountId): ReplyBody {
    const seq = (this.#sequences.get(receiver) ?? 0) + 1;
    this.#sequences.set(receiver, seq);
    const { id, name, version, host, options, clock } = this.#house;
    const { jetstream, tags, metadata } = options;
    return {
      name,
      host,
      id,
      domain: jetstream === undefined || jetstream.domain === '' ? undefined : jetstream.domain,
      ver: version,
      tags: tags.length === 0 ? undefined : tags,
      metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
      feature_flags: FEATURE_FLAGS,
      jetstream: jetstream !== undefined,
      flags: jetstream === undefined ? 0 : JETSTREAM_FLAGS,
      seq,
      time: formatInstant(clock.instant()),
    };
  }
}
