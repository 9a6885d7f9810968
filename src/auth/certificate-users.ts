import type { ByteString } from '../subjects/index.ts';
import { toBytes, toText } from '../subjects/index.ts';
import type { CertificateNames } from './certificate-names.ts';
import {
  type DistinguishedName,
  parseDistinguishedName,
  sameDistinguishedName,
} from './distinguished-name.ts';

/** Finds the user that a certificate stands for. */
export class CertificateUsers {
  readonly #names: ReadonlySet<ByteString>;
  readonly #subjects: readonly (readonly [ByteString, DistinguishedName])[];

  constructor(users: Iterable<ByteString>) {
    this.#names = new Set(users);
    this.#subjects = [...this.#names].flatMap((user) => {
      const name = parseDistinguishedName(toText(user));
      return name === undefined ? [] : [[user, name] as const];
    });
  }

  /**
   * A user with the name of an email address, a host or a URI of the certificate, in this order; else one whose name
   * is the subject (measured on 2.14.5).
   */
  find({ emails, hosts, uris, subject }: CertificateNames): ByteString | undefined {
    for (const name of [...emails, ...hosts, ...uris]) {
      const user = toBytes(name);
      if (this.#names.has(user)) return user;
    }
    if (subject === undefined) return undefined;
    return this.#subjects.find(([, name]) => sameDistinguishedName(name, subject))?.[0];
  }
}
