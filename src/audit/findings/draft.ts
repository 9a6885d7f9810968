import type { Position } from '../../config/index.ts';
import type { Outflow } from '../flows.ts';
import type { People } from '../people.ts';
import type { Access, Finding, Severity } from '../report.ts';
import type { Realm, World } from '../world.ts';
import { FINDING_RULES, type FindingId, type FindingRule } from './rules.ts';

/** What findings are made from. */
export interface Findable {
  readonly world: World;
  readonly outflows: readonly Outflow[];
  readonly access: readonly Access[];
}

export interface Where {
  readonly realm?: Realm | undefined;
  readonly user?: string | undefined;
  readonly at?: readonly (Position | undefined)[] | undefined;
  readonly severity?: Severity | undefined;
}

/** Lines that one finding names at most. */
const MOST_LINES = 20;
const MOST_NAMES = 10;

export function finding(id: FindingId, message: string, where: Where): Finding {
  const rule: FindingRule = FINDING_RULES[id];
  const at = (where.at ?? []).flatMap((position) => position ?? []).slice(0, MOST_LINES);
  return {
    id,
    severity: where.severity ?? rule.severity,
    message,
    remedy: rule.remedy,
    reference: rule.reference,
    at,
    ...(where.realm === undefined ? {} : { account: where.realm.text }),
    ...(where.user === undefined ? {} : { user: where.user }),
  };
}

/** Names for a sentence, not more than can be read. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

export function personNames(people: readonly People[]): string[] {
  return people.flatMap(({ persons }) => persons.map(({ name }) => name));
}

/** The lines of people: where their permissions stand, or they themselves. */
export function linesOf(people: readonly People[]): (Position | undefined)[] {
  return people.flatMap(({ permissions, persons }) =>
    permissions?.at === undefined ? persons.map(({ options }) => options?.at) : [permissions.at],
  );
}

export function headcount(realm: Realm): number {
  return realm.people.reduce((sum, { persons }) => sum + persons.length, 0);
}
