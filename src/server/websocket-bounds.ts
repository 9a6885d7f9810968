import type { WebSocket } from 'ws';

/** The two places where `ws` 8 keeps the bound of a message; it has no way to change it during a connection. */
interface Bounded {
  _maxPayload: number;
}

/**
 * Sets how many bytes a message may have from now on, inflated or not. Strangers are held to far less than clients, and
 * the library knows one bound only; a release of it without these fields fails here, at the first connection.
 */
export function boundMessages(socket: WebSocket, bytes: number): void {
  const inside = socket as unknown as {
    _receiver: Bounded;
    _extensions: Readonly<Record<string, Bounded>>;
  };
  for (const part of [inside._receiver, ...Object.values(inside._extensions)]) {
    if (typeof part._maxPayload !== 'number') throw new Error('this release of ws keeps its bound elsewhere');
    part._maxPayload = bytes;
  }
}
