/**
 * Who is there: credentials to an identity. It finds out and says what it found; whether that lets anybody in is the
 * guard's decision.
 */
export {
  Authenticator,
  type Credentials,
  type Finding,
  type Identity,
  type ListenerKind,
} from './authenticator.ts';
export { type CertificateNames, certificateNames } from './certificate-names.ts';
export { distinguishedNameText } from './name-text.ts';
export type { Proof, Standing } from './standing.ts';
