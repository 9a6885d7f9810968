/** A command line that is wrong. */
export class UsageError extends Error {}

/** A number on the command line. @throws UsageError */
export function natural(flag: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${flag} ${text}: expected a whole number`);
  return Number(text);
}
