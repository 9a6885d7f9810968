/** What the system says of common failures, in the words of nats-server's messages (measured on 2.14.5). */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
  ESRCH: 'no such process',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

/** The system's code of an error (`ENOENT`); empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What went wrong, without the name of what it was done to. */
export function systemText(error: unknown): string {
  return WORDS[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** `open /no/such/file: no such file or directory` */
export function fileText(action: 'open' | 'remove' | 'read', path: string, error: unknown): string {
  return `${action} ${path}: ${systemText(error)}`;
}
