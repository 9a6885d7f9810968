import type { ServerOptions, UserOptions } from '../config/index.ts';
import type { ListenerKind } from './authenticator.ts';

/**
 * The options that decide who comes in at a listener: those of the server, with what the WebSocket listener has of its
 * own in their place. A login of its own leaves nobody else in by it; its `no_auth_user` goes before the server's.
 */
export function loginAt(listener: ListenerKind, options: ServerOptions): ServerOptions {
  const { websocket, tls: _, ...rest } = options;
  if (listener === 'client' || websocket === undefined) return options;
  const { tls, login, noAuthUser } = websocket;
  const here: ServerOptions = {
    ...rest,
    ...(tls === undefined ? {} : { tls }),
    ...(noAuthUser === undefined ? {} : { noAuthUser }),
  };
  if (login === undefined) return here;
  const { token: _token, noAuthUser: _guest, ...others } = here;
  const { user, password, token } = login;
  const one: UserOptions[] =
    user === undefined ? [] : [{ user, ...(password === undefined ? {} : { password }) }];
  return {
    ...others,
    users: one,
    singleUser: true,
    authorizationDeclared: true,
    // With a user there is no token (measured on 2.14.5).
    ...(token === undefined || user !== undefined ? {} : { token }),
  };
}
