import type { Finding } from '../report.ts';
import { ADVISORIES, type Advisory } from './advisory-table.ts';
import type { Findable } from './draft.ts';
import { affects, parseVersion } from './versions.ts';

/** Published advisories that a configuration would expose on a version of nats-server. */
export function advisoryFindings(found: Findable, serverVersion: string, keys: readonly string[]): Finding[] {
  const version = parseVersion(serverVersion);
  if (version === undefined) return [];
  return ADVISORIES.filter(({ since, fixed }) => affects({ since, fixed }, version)).flatMap((advisory) =>
    exposed(advisory, found, keys, serverVersion),
  );
}

function exposed(
  advisory: Advisory,
  found: Findable,
  keys: readonly string[],
  serverVersion: string,
): Finding[] {
  const lines = advisory.exposedBy({ ...found, has: (key) => keys.includes(key) });
  if (lines === undefined) return [];
  return [
    {
      id: `advisory-${advisory.id.toLowerCase()}`,
      severity: advisory.severity,
      message: `nats-server ${serverVersion} with this configuration: ${advisory.effect}`,
      remedy: `Update to ${advisory.fixed.join(', ')} or later.`,
      reference: advisory.id,
      at: lines.flatMap((line) => line ?? []).slice(0, 5),
    },
  ];
}
