import { formatInstant } from '../base/index.ts';
import type { ReplyBody } from './service.ts';
import type { SystemView } from './view.ts';

const PREFIX = 'io.nats.server.advisory.v1.';

/** The head that typed events have in common. */
export function eventHead(view: SystemView, type: string, server: ReplyBody): ReplyBody {
  return {
    type: `${PREFIX}${type}`,
    id: view.system?.eventId() ?? '',
    timestamp: formatInstant(view.clock.instant()),
    server,
  };
}

/** The event about the connections of an account. */
export function connectionsEvent(view: SystemView, server: ReplyBody, stat: ReplyBody): ReplyBody {
  return { ...eventHead(view, 'account_connections', server), ...stat };
}
