import { formatInstant } from '../../base/index.ts';
import type { ReplyBody } from '../service.ts';
import type { SystemView } from '../view.ts';
import { activeAccounts, interestCount } from './accounts.ts';
import { jetStreamPart } from './jetstream.ts';
import { trafficBody } from './traffic.ts';

/** The short statistics that servers also tell of their own accord. */
export function statsz(server: SystemView): ReplyBody {
  const { totals, process } = server;
  return {
    start: formatInstant(server.start),
    mem: process.memory(),
    cores: process.cores,
    cpu: process.cpu(),
    connections: totals.connections,
    total_connections: totals.totalConnections,
    active_accounts: activeAccounts(server).length,
    subscriptions: interestCount(server),
    sent: trafficBody(totals.sent),
    sent_to_clients: trafficBody(totals.sent),
    received: trafficBody(totals.received),
    received_from_clients: trafficBody(totals.received),
    slow_consumers: totals.slowConsumers,
    active_servers: 1,
    jetstream: server.jetstream === undefined ? undefined : jetStreamPart(server, false),
    gomaxprocs: process.cores,
  };
}
