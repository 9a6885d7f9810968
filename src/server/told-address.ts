import type { ServerOptions } from '../config/index.ts';

/** What clients of the TCP port are told to connect to: the advertised address where there is one (measured on 2.14.5). */
export function toldAddress(
  { host, clientAdvertise }: Pick<ServerOptions, 'host' | 'clientAdvertise'>,
  port: number,
): { readonly host: string; readonly port: number } {
  if (clientAdvertise === undefined) return { host, port };
  return { host: clientAdvertise.host, port: clientAdvertise.port ?? port };
}
