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
  readonly maxTracedBytes?: number;
  readonly pidFile?: string;
  readonly portsFileDir?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly tls?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsVerify?: boolean;
  readonly tlsCaCert?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** What the command line asks for. */
export type CommandLine =
  | {
      readonly kind: 'serve';
      readonly config?: string;
      readonly overrides: FlagOverrides;
      readonly warnings: readonly string[];
    }
  /** `-t`: check the configuration, print the result, exit. */
  | { readonly kind: 'check'; readonly config: string }
  /** `-sl`: send a signal to a running server, exit. */
  | { readonly kind: 'signal'; readonly order: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' }
  /** Print `message` to stderr, then the help text when `usage`, and exit with 1. */
  | { readonly kind: 'error'; readonly message: string; readonly usage: boolean };
