import type { ServerOptions } from '../config/index.ts';

/** What the flags of the command line change in the options. Absent: as in the file. */
export interface FlagOverrides {
  readonly host?: string;
  readonly port?: number;
  readonly serverName?: string;
  readonly clientAdvertise?: string;
  readonly jetstream?: boolean;
  readonly storeDir?: string;
  readonly debug?: boolean;
  readonly trace?: boolean;
  readonly traceVerbose?: boolean;
  readonly logTime?: boolean;
  readonly logFile?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: 'serve'; readonly config?: string; readonly overrides: FlagOverrides; readonly warnings: readonly string[] }
  | { readonly kind: 'check'; readonly config?: string; readonly overrides: FlagOverrides; readonly warnings: readonly string[] }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  /** Print `message` to stderr (and the usage, when `usage`), exit 1. */
  | { readonly kind: 'error'; readonly message: string; readonly usage: boolean };

export declare function parseFlags(words: readonly string[]): CommandLine;
/** The flags override the file. */
export declare function applyFlags(options: ServerOptions, flags: FlagOverrides): ServerOptions;
export declare function helpText(): string;
