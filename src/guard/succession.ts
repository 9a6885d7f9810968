import type { PermissionEntry, PermissionsOptions, SubjectPermission } from '../config/index.ts';
import type { Principal } from './principal.ts';

/** Whether two principals of one account may do the same. Where the configuration says so does not matter. */
export function haveSameRights(a: Principal, b: Principal): boolean {
  return a.permissions === b.permissions || samePermissions(a.permissions ?? {}, b.permissions ?? {});
}

function samePermissions(a: PermissionsOptions, b: PermissionsOptions): boolean {
  return (
    sameSide(a.publish, b.publish) &&
    sameSide(a.subscribe, b.subscribe) &&
    sameResponses(a.responses, b.responses)
  );
}

/** Whether `allow_responses` grants the same. */
export function sameResponses(
  a: PermissionsOptions['responses'],
  b: PermissionsOptions['responses'],
): boolean {
  return a?.max === b?.max && a?.expiresMs === b?.expiresMs;
}

function sameSide(a: SubjectPermission | undefined, b: SubjectPermission | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameEntries(a.allow, b.allow) && sameEntries(a.deny, b.deny);
}

function sameEntries(
  a: readonly PermissionEntry[] | undefined,
  b: readonly PermissionEntry[] | undefined,
): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.length === b.length &&
    a.every((entry, i) => entry.subject === b[i]?.subject && entry.queue === b[i]?.queue)
  );
}

/**
 * What became of principals whose configuration changed while they were connected. Work that waits was asked for by
 * the principal of its time; here it finds the one that it would be asked for by now.
 */
export class Succession {
  /** `undefined` as a value: it was sent away. */
  readonly #successors = new WeakMap<Principal, Principal | undefined>();

  /** `before` acts as `after` from now on; undefined: not at all. */
  record(before: Principal, after: Principal | undefined): void {
    if (before !== after) this.#successors.set(before, after);
  }

  /** Who a principal is now; undefined when it was sent away. */
  current(principal: Principal): Principal | undefined {
    let now: Principal | undefined = principal;
    while (now !== undefined && this.#successors.has(now)) now = this.#successors.get(now);
    return now;
  }
}
