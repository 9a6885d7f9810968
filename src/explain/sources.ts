import type { Position, ServerOptions } from '../config/index.ts';
import type { Place } from './explanation.ts';

/** Keys whose values are nobody's business. Said loosely: rather too much is blacked out than too little. */
const SECRET_KEY =
  /((?:^|[\s{,;])(["']?)[\w-]*(?:pass|secret|token|seed|jwt|sig|credential|creds|private)[\w-]*\2(?:\s*[:=]\s*|\s+))("(?:\\.|[^"\\])*"?|'[^']*'?|[^\s,;}\]]+)/gi;
/** What stands before the host of a URL: `nats://user:password@host`. */
const URL_LOGIN = /:\/\/[^\s/"']*@/g;
/** Shorter secrets are blacked out where a key says that they are one, not wherever their letters stand. */
const TELLING_SECRET = 4;
const BLACKED_OUT = '"…"';
/** Longest line that is shown. */
const MAX_LINE = 300;

/** Reads a configuration's text again, for the lines that decided. */
export class Sources {
  readonly #read: (file: string) => string | undefined;
  readonly #secrets: readonly string[];
  readonly #lines = new Map<string, readonly string[]>();

  /** @param read the text of a file of the configuration; undefined where there is none to be had. */
  constructor(options: ServerOptions, read: (file: string) => string | undefined = () => undefined) {
    this.#read = read;
    this.#secrets = secretsOf(options);
  }

  /** A position as it is shown, with the line that stands there. */
  place(at: Position): Place {
    if (at.path !== undefined) return at.path === '' ? {} : { path: at.path };
    if (at.line === 0) return at.file === '' ? {} : { file: at.file };
    const source = this.#lineAt(at);
    return {
      ...(at.file === '' ? {} : { file: at.file }),
      line: at.line,
      column: at.column,
      ...(source === undefined ? {} : { source }),
    };
  }

  #lineAt({ file, line }: Position): string | undefined {
    let lines = this.#lines.get(file);
    if (lines === undefined) {
      lines = (this.#read(file) ?? '').split(/\r?\n/);
      this.#lines.set(file, lines);
    }
    const text = lines[line - 1]?.trim();
    if (text === undefined || text === '') return undefined;
    return this.#blackOut(text).slice(0, MAX_LINE);
  }

  #blackOut(text: string): string {
    let safe = text
      .replace(SECRET_KEY, (_, key: string) => `${key}${BLACKED_OUT}`)
      .replace(URL_LOGIN, '://…@');
    for (const secret of this.#secrets) safe = safe.replaceAll(secret, '…');
    return safe;
  }
}

function secretsOf(options: ServerOptions): string[] {
  const users = [...options.users, ...options.accounts.flatMap((account) => account.users)];
  const all = [options.token, ...users.map((user) => user.password)];
  return [...new Set(all)].filter(
    (secret): secret is string => secret !== undefined && secret.length >= TELLING_SECRET,
  );
}
