import type { ByteString } from '../subjects/index.ts';
import type { Finding } from './authenticator.ts';

/**
 * How somebody proved who it is, kept for as long as it is connected, to be checked again when the configuration
 * changes. It refers to what was configured, never to what was sent.
 */
export type Proof =
  /** Nothing had to be shown. `silent`: nothing was. */
  | { readonly by: 'nothing'; readonly silent: boolean }
  | { readonly by: 'password'; readonly user: ByteString; readonly secret: string }
  | { readonly by: 'token'; readonly secret: string }
  | { readonly by: 'nkey'; readonly nkey: string };

/**
 * Whether somebody who is connected is still known after a change.
 * - `known`: as whom, which may be with other rights than before.
 * - `removed`: the user is not there any more.
 * - `changed`: the user is, and what it proved itself by does not count any more.
 */
export type Standing =
  | { readonly kind: 'known'; readonly finding: Finding }
  | { readonly kind: 'removed' }
  | { readonly kind: 'changed' };
