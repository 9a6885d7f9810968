import type { ReplyBody } from '../service.ts';
import type { Traffic } from '../view.ts';

const NONE = { msgs: 0, bytes: 0 };

/** Messages and bytes, as replies show them. */
export function trafficBody({ messages, bytes }: Traffic): ReplyBody {
  return { msgs: messages, bytes };
}

/** The same with its shares of connections to other servers: none here. */
export function trafficByPeers(traffic: Traffic): ReplyBody {
  return { ...trafficBody(traffic), gateways: NONE, routes: NONE, leafs: NONE };
}
