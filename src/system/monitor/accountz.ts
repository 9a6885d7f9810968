import type { AnyExport, AnyImport } from '../../accounts/index.ts';
import { formatInstant } from '../../base/index.ts';
import type { MappingOptions } from '../../config/index.ts';
import { accountText } from '../../guard/index.ts';
import { toBytes, toText } from '../../subjects/index.ts';
import type { OptionsOf } from '../request-options.ts';
import { type ReplyBody, ServiceError } from '../service.ts';
import type { AccountView, SystemView } from '../view.ts';
import { interestStats } from './interest-stats.ts';
import { nowText } from './times.ts';

/** What a listing of accounts may be asked for. */
export const ACCOUNTZ_OPTIONS = { account: 'string' } as const;

export type AccountzOptions = OptionsOf<typeof ACCOUNTZ_OPTIONS>;

/**
 * The names of all accounts, or one of them in detail.
 * @throws ServiceError
 */
export function accountz(server: SystemView, options: AccountzOptions): ReplyBody {
  const { account = '' } = options;
  const head = {
    server_id: server.id,
    now: nowText(server),
    system_account: server.system === undefined ? undefined : accountText(server.system.id),
  };
  if (account === '') return { ...head, accounts: server.accounts().map(({ id }) => accountText(id)) };
  const view = server.accountNamed(toBytes(account));
  return { ...head, account_detail: accountInfo(account, view) };
}

/**
 * One account: its doors and its interest. All of it is the account's own, but for the names at the other ends of its
 * doors, which its configuration names.
 * @throws ServiceError
 */
export function accountInfo(name: string, view: AccountView | undefined): ReplyBody {
  if (view === undefined) throw new ServiceError(`Account ${name} does not exist`);
  const { account, isSystem, updated } = view;
  const exports = view.exports.map(exportBody);
  const imports = view.imports.map(importBody);
  return {
    account_name: name,
    update_time: formatInstant(updated),
    is_system: isSystem ? true : undefined,
    expired: false,
    complete: true,
    jetstream_enabled: view.jetstream !== undefined,
    leafnode_connections: 0,
    client_connections: view.connectionCount,
    subscriptions: account.subscriptions,
    mappings: view.mappings.length === 0 ? undefined : mappingsBody(view.mappings),
    exports: exports.length === 0 ? undefined : exports,
    imports: imports.length === 0 ? undefined : imports,
    name_tag: name,
    sublist_stats: interestStats([view]),
  };
}

function mappingsBody(mappings: readonly MappingOptions[]): ReplyBody {
  const entries = mappings.map(({ source, destinations }) => [
    toText(source),
    destinations.map(({ subject, weight, cluster }) => ({ subject: toText(subject), weight, cluster })),
  ]);
  return Object.fromEntries(entries);
}

const RESPONSE_TYPES = { singleton: 'Singleton', stream: 'Streamed', chunked: 'Chunked' } as const;

function exportBody(door: AnyExport): ReplyBody {
  return {
    subject: toText(door.subject),
    type: door.kind,
    response_type: door.kind === 'service' ? RESPONSE_TYPES[door.responseType] : undefined,
    approved_accounts: door.terms.accounts?.map((id) => accountText(id)),
  };
}

function importBody(door: AnyImport): ReplyBody {
  const isService = door.kind === 'service';
  const local = toText(isService ? door.subject : door.local);
  return {
    subject: toText(isService ? door.remote : door.subject),
    account: accountText(door.exporter.id),
    to: isService ? local : undefined,
    local_subject: local,
    type: door.kind,
    invalid: false,
    share: isService && door.share,
    tracking: false,
  };
}
