/** Major, minor and patch. */
export type Version = readonly [number, number, number];

/** Reads `2.9.10` or `v2.9.10`; undefined for anything else. What follows a hyphen (a preview) is left out. */
export function parseVersion(text: string): Version | undefined {
  const parts = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:-[\w.]+)?$/.exec(text);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

/** Versions that an advisory concerns: from `since` on, up to the first fixed one of each line of releases. */
export interface Range {
  readonly since: string;
  readonly fixed: readonly string[];
}

export function affects({ since, fixed }: Range, version: Version): boolean {
  const first = parseVersion(since);
  const fixes = fixed.map(parseVersion).filter((one) => one !== undefined);
  if (first === undefined || compare(version, first) < 0) return false;
  const own = fixes.find(([major, minor]) => major === version[0] && minor === version[1]);
  if (own !== undefined) return compare(version, own) < 0;
  return fixes.some((fix) => compare(version, fix) < 0);
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
