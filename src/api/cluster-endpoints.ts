import { jsError } from '../jetstream/index.ts';
import { type Endpoint, endpoint, type Outcome } from './endpoint.ts';
import { payloadIgnored } from './request-rule.ts';

/** A standalone server answers so before it looks at account, payload or names (measured on 2.14.5). */
function clusterRequired(): Outcome {
  throw jsError('JSClusterRequiredErr');
}

/** The rows of a tenant's own assets that need a cluster. */
export const CLUSTER_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.STREAM.LEADER.STEPDOWN.<stream>',
    door: 'system-service',
    scope: 'account',
    request: payloadIgnored(),
    response: 'stream_leader_stepdown_response',
    doc: 'Makes the leader of a stream step down.',
    effect: 'none',
    enabled: 'by-handler',
    handle: clusterRequired,
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.LEADER.STEPDOWN.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: payloadIgnored(),
    response: 'consumer_leader_stepdown_response',
    doc: 'Makes the leader of a consumer step down.',
    effect: 'none',
    enabled: 'by-handler',
    handle: clusterRequired,
  }),
  endpoint({
    subject: '$JS.API.STREAM.PEER.REMOVE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: payloadIgnored(),
    response: 'stream_remove_peer_response',
    doc: 'Removes a server from those that hold a stream.',
    effect: 'none',
    enabled: 'by-handler',
    handle: clusterRequired,
  }),
];
