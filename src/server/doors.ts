import type { BuiltinDoors } from '../accounts/index.ts';
import { ENDPOINTS, servedInside } from '../api/index.ts';
import type { ServerOptions } from '../config/index.ts';

/** What the doors that nobody configures depend on: the JetStream API is there where the server has JetStream. */
export function builtinDoors({ jetstream }: ServerOptions): BuiltinDoors {
  return jetstream === undefined ? {} : { jetstream: { except: servedInside(ENDPOINTS) } };
}
