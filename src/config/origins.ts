const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'ws:': '80',
  'wss:': '443',
};

/**
 * An origin in the one form that is compared: `http://a.com:80`. Path and case do not count (measured on 2.14.5).
 * @returns undefined for what is none.
 */
export function originOf(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  const port = url.port || DEFAULT_PORTS[url.protocol];
  if (url.hostname === '' || port === undefined) return undefined;
  return `${url.protocol}//${url.hostname.toLowerCase()}:${port}`;
}
