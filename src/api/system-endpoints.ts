import { type Endpoint, endpoint, SILENT } from './endpoint.ts';
import { payloadIgnored } from './request-rule.ts';

const SEED = 'CVE-2025-30215';

/**
 * The rows that administer the server or name another account: where CVE-2025-30215 stood. What only a cluster can do
 * has nothing to act on here and answers nothing, as a standalone server does even to the system account (measured).
 */
export const SYSTEM_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.ACCOUNT.PURGE.<account>',
    door: 'system-service',
    scope: 'system',
    request: payloadIgnored(),
    response: 'account_purge_response',
    doc: 'Deletes every stream of the named account; an unknown name is no error.',
    advisories: [SEED],
    control: 'api-scope-account-purge',
    effect: 'full',
    handle(server, { tokens }) {
      server.jetStreamNamed(tokens.account)?.deleteAll();
      return { initiated: true };
    },
  }),
  endpoint({
    subject: '$JS.API.SERVER.REMOVE',
    door: 'system-service',
    scope: 'system',
    request: payloadIgnored(),
    response: 'meta_server_remove_response',
    doc: 'Removes a server from the JetStream group of a cluster.',
    advisories: [SEED],
    control: 'api-scope-server-remove',
    effect: 'none',
    handle: () => SILENT,
  }),
  endpoint({
    subject: '$JS.API.META.LEADER.STEPDOWN',
    door: 'system-service',
    scope: 'system',
    request: payloadIgnored(),
    response: 'meta_leader_stepdown_response',
    doc: 'Makes the leader of the JetStream group step down; the same fault, closed earlier without an advisory.',
    effect: 'none',
    handle: () => SILENT,
  }),
  endpoint({
    subject: '$JS.API.ACCOUNT.STREAM.MOVE.<account>.<stream>',
    door: 'system-service',
    scope: 'named-account',
    request: payloadIgnored(),
    response: 'stream_update_response',
    doc: 'Moves a stream of the named account to other servers.',
    advisories: [SEED],
    control: 'api-scope-stream-move',
    effect: 'none',
    handle: () => SILENT,
  }),
  endpoint({
    subject: '$JS.API.ACCOUNT.STREAM.CANCEL_MOVE.<account>.<stream>',
    door: 'system-service',
    scope: 'named-account',
    request: payloadIgnored(),
    response: 'stream_update_response',
    doc: 'Cancels the move of a stream of the named account.',
    advisories: [SEED],
    control: 'api-scope-stream-cancel-move',
    effect: 'none',
    handle: () => SILENT,
  }),
];
