const BCRYPT_FORM = /^\$2[abxy]\$\d\d\$/;

/** Whether a configured secret is a bcrypt hash. Anything else stands there in plain text (measured on 2.14.5). */
export function isHashed(secret: string): boolean {
  return BCRYPT_FORM.test(secret);
}
