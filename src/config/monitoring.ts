import { checkedPort, readListen } from './listen.ts';
import type { MonitoringOptions } from './options.ts';
import { integerOf, stringOf } from './read.ts';
import type { ConfigEntry } from './values.ts';

/** The part of the options that these keys set; whichever stands last in the file wins (measured on 2.14.5). */
interface Draft {
  monitoring: MonitoringOptions;
}

/** What reads the keys about monitoring over HTTP. */
export function monitoringHandlers(draft: Draft) {
  const set = (part: Partial<MonitoringOptions>): void => {
    draft.monitoring = { ...draft.monitoring, ...part };
  };
  const listen = (entry: ConfigEntry, port: 'httpPort' | 'httpsPort'): void => {
    const { host, port: number } = readListen(entry);
    set({ [port]: number, ...(host === undefined ? {} : { host }) });
  };
  return {
    http: (entry: ConfigEntry) => listen(entry, 'httpPort'),
    https: (entry: ConfigEntry) => listen(entry, 'httpsPort'),
    http_port: (entry: ConfigEntry) => set({ httpPort: checkedPort(integerOf(entry.value), entry) }),
    https_port: (entry: ConfigEntry) => set({ httpsPort: checkedPort(integerOf(entry.value), entry) }),
    http_base_path: (entry: ConfigEntry) => set({ basePath: basePathOf(stringOf(entry.value)) }),
  };
}

/** `nats`, `/nats` and `/nats/` are all `/nats`; `/` is nothing. */
function basePathOf(text: string): string {
  const parts = text.split('/').filter((part) => part !== '');
  return parts.map((part) => `/${part}`).join('');
}
