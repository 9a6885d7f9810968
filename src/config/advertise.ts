import type { AdvertisedAddress } from './options.ts';

const MAX_PORT = 65_535;

/**
 * Reads an address that clients are told: `host:port`, or a host alone. An IPv6 host stands in brackets. A port of 0 or
 * -1 is the one that is listened on, as is one that is missing.
 * @returns undefined for an empty text: nothing else is told then.
 * @throws {RangeError} in nats-server's words (measured on 2.14.5).
 */
export function advertisedAddress(text: string): AdvertisedAddress | undefined {
  if (text === '') return undefined;
  const [, bracketed, bare = '', portText] = /^(?:\[([^\]]*)\]|([^:]*))(?::(.*))?$/s.exec(text) ?? [];
  if ((bracketed ?? bare) === '' && portText === undefined)
    throw refused(text, `address ${text}: missing host`);
  if (portText?.includes(':') === true) throw refused(text, `address ${text}: too many colons in address`);
  const host = (bracketed ?? bare).trim();
  if (portText === undefined) return { text, host };
  const port = portText.trim();
  if (!/^[-+]?\d+$/.test(port))
    throw refused(text, `strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`);
  const number = Number(port);
  if (number < -1 || number > MAX_PORT) throw refused(text, `address ${number}: invalid port`);
  return number <= 0 ? { text, host } : { text, host, port: number };
}

function refused(text: string, why: string): RangeError {
  return new RangeError(`invalid ClientAdvertise value of ${text}, err=${why}`);
}
