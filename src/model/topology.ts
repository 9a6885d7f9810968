import { covers, meets } from './patterns.ts';
import { localPattern } from './renaming.ts';

export type DoorKind = 'stream' | 'service';

/** What an account offers to others. */
export interface Offer {
  readonly kind: DoorKind;
  readonly subject: string;
  /** Absent: to every account. */
  readonly accounts?: readonly string[];
  readonly responseType: 'singleton' | 'stream' | 'chunked';
  /** How long a way back lives without an answer, ms. */
  readonly thresholdMs: number;
  /** Which token (from 1) has to be the name of the importing account. */
  readonly accountTokenPosition?: number;
}

/** What an account takes from another one. */
export interface Taking {
  readonly kind: DoorKind;
  readonly account: string;
  readonly subject: string;
  readonly prefix?: string;
  readonly to?: string;
}

/** Where the messages on a subject go instead. Weights are percent; the rest keeps its subject. */
export interface Redirect {
  readonly source: string;
  readonly destinations: readonly { readonly subject: string; readonly weight: number }[];
}

/** One account: what the model knows of its configuration. */
export interface Tenant {
  readonly name: string;
  readonly exports?: readonly Offer[];
  readonly imports?: readonly Taking[];
  readonly mappings?: readonly Redirect[];
}

/** The offer through which an account may take something; undefined: none. The very same subject comes first. */
export function offerFor(
  tenants: readonly Tenant[],
  importer: string,
  { kind, account, subject }: Taking,
): Offer | undefined {
  const exporter = tenants.find(({ name }) => name === account);
  const offers = (exporter?.exports ?? []).filter((offer) => offer.kind === kind);
  const same = offers.filter((offer) => offer.subject === subject);
  return (same.length > 0 ? same : offers).find((offer) => admits(offer, importer, subject));
}

/** Whether an offer is for this account and holds all of the subject. */
function admits(offer: Offer, importer: string, subject: string): boolean {
  if (!covers(offer.subject, subject)) return false;
  if (offer.accounts !== undefined && !offer.accounts.includes(importer)) return false;
  const { accountTokenPosition: position } = offer;
  return position === undefined || subject.split('.')[position - 1] === importer;
}

/** A subject in an account. */
interface Place {
  readonly account: string;
  readonly subject: string;
}

/** Whether some chain of imports of one kind, each overlapping the next, comes back to where it was. */
export function formsCycle(tenants: readonly Tenant[]): boolean {
  const steps = tenants.flatMap(({ name, imports = [] }) =>
    imports.map((taken) => ({ name, taken, local: localPattern(taken) })),
  );
  type Step = (typeof steps)[number];
  const comesBack = ({ taken }: Step, way: readonly Place[]): boolean => {
    if (way.some(({ account, subject }) => account === taken.account && meets(subject, taken.subject)))
      return true;
    return steps
      .filter((next) => next.name === taken.account && next.taken.kind === taken.kind)
      .filter((next) => meets(next.local, taken.subject))
      .some((next) => comesBack(next, [...way, taken]));
  };
  return steps.some((step) => comesBack(step, [{ account: step.name, subject: step.local }]));
}
