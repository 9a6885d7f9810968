import { Refusal } from './problems.ts';
import type { ConfigEntry } from './values.ts';

/** Reads `listen`: a port, or `host:port`. An IPv6 host stands in brackets, which are no part of it. */
export function readListen(entry: ConfigEntry): { host?: string; port: number } {
  if (entry.value.kind === 'integer') return { port: checkedPort(entry.value.value, entry) };
  if (entry.value.kind !== 'string') {
    const got = entry.value.kind === 'boolean' ? 'bool' : entry.value.kind;
    throw new Refusal(entry.at, `expected port or host:port, got ${got}`);
  }
  return readAddress(entry.value.value, entry);
}

function readAddress(text: string, entry: ConfigEntry): { host?: string; port: number } {
  const parts = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (parts === null) throw new Refusal(entry.at, `could not parse address string ${JSON.stringify(text)}`);
  const port = /^-?\d+$/.test(parts[3] ?? '') ? Number(parts[3]) : undefined;
  if (port === undefined) throw new Refusal(entry.at, `could not parse port ${JSON.stringify(parts[3])}`);
  const host = parts[1] ?? parts[2] ?? '';
  return host === '' ? { port: checkedPort(port, entry) } : { host, port: checkedPort(port, entry) };
}

/** A port that can be listened on; -1 is a free one. */
export function checkedPort(port: number, entry: ConfigEntry): number {
  if (port >= -1 && port <= 65_535) return port;
  throw new Refusal(entry.at, `listen tcp: address ${port}: invalid port`);
}
