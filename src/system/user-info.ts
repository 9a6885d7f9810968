import type { Account, Passage, Sender } from '../accounts/index.ts';
import type { Message } from '../base/index.ts';
import type { PermissionEntry, SubjectPermission } from '../config/index.ts';
import { accountText, type Principal } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, toText } from '../subjects/index.ts';

/** What system services need of the server. */
export interface SystemView {
  readonly id: string;
  readonly name: string;
  readonly options: { readonly host: string; readonly jetstream?: unknown };
  readonly runQueue: {
    emit(
      account: Account,
      subject: ByteString,
      reply: ByteString,
      header: Buffer | undefined,
      payload: Buffer | undefined,
    ): void;
  };
  timestamp(): string;
  /** The version that replies show. */
  readonly version: string;
}

const NS_PER_MS = 1_000_000;

/** Answers `$SYS.REQ.USER.INFO`: the user, the account and the permissions that are in force. */
export class UserInfoService {
  readonly #view: SystemView;
  /** Counted per receiving account: a shared counter would tell one tenant of another's requests. */
  readonly #sequences = new WeakMap<object, number>();

  constructor(view: SystemView) {
    this.#view = view;
  }

  start(system: Account): void {
    system.subscribe('$SYS.REQ.USER.*.INFO' as ByteString, (message, sender, passage) => {
      if (message.reply !== '') this.#answer(system, message, sender, passage);
    });
    system.subscribe('$SYS.REQ.USER.INFO' as ByteString, (message, sender) => {
      if (message.reply !== '') this.#answer(system, message, sender, undefined);
    });
  }

  #answer(system: Account, message: Message, sender: Sender, passage: Passage | undefined): void {
    const asksOfItself = passage !== undefined || message.subject === '$SYS.REQ.USER.INFO';
    const body = {
      server: this.#serverInfo(sender),
      data: asksOfItself ? userInfo(sender.principal) : { user: '', account: '' },
    };
    this.#view.runQueue.emit(
      system,
      message.reply,
      EMPTY_BYTES,
      undefined,
      Buffer.from(JSON.stringify(body)),
    );
  }

  #serverInfo(sender: Sender): Record<string, unknown> {
    const key = sender.principal.account;
    const seq = (this.#sequences.get(key) ?? 0) + 1;
    this.#sequences.set(key, seq);
    const { id, name, options, version } = this.#view;
    return {
      name,
      host: options.host,
      id,
      ver: version,
      jetstream: options.jetstream !== undefined,
      flags: options.jetstream === undefined ? 0 : 1,
      seq,
      time: this.#view.timestamp(),
    };
  }
}

function userInfo({ user, account, permissions }: Principal): Record<string, unknown> {
  const info: Record<string, unknown> = { user: toText(user), account: accountText(account) };
  if (permissions === undefined) return info;
  const { publish, subscribe, responses } = permissions;
  info['permissions'] = {
    ...(publish === undefined ? {} : { publish: lists(publish) }),
    ...(subscribe === undefined ? {} : { subscribe: lists(subscribe) }),
    ...(responses === undefined
      ? {}
      : { responses: { max: responses.max, ttl: responses.expiresMs * NS_PER_MS } }),
  };
  return info;
}

function lists({ allow, deny }: SubjectPermission): Record<string, string[]> {
  return {
    ...(allow === undefined ? {} : { allow: allow.map(entryText) }),
    ...(deny === undefined ? {} : { deny: deny.map(entryText) }),
  };
}

function entryText({ subject, queue }: PermissionEntry): string {
  return queue === undefined ? toText(subject) : `${toText(subject)} ${toText(queue)}`;
}
