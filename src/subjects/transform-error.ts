/** A source and destination that make no transform, with the reason in nats-server's words (measured on 2.14.5). */
export class TransformError extends Error {
  override readonly name = 'TransformError';
}

/** A source or a destination is no subject, or one ends in `>` and the other does not. */
export function invalidSubject(): TransformError {
  return new TransformError('invalid subject');
}

/** Something is wrong with the destination, `where` says in which token. */
export function invalidDestination(what: string, where?: string): TransformError {
  return new TransformError(
    `invalid mapping destination: ${what}${where === undefined ? '' : ` in ${where}`}`,
  );
}
