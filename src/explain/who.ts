import { ENDPOINTS } from '../api/index.ts';
import type { ServerOptions, SubjectPermission, UserOptions } from '../config/index.ts';
import { accountText, type ControlId, RULES, type RuleId } from '../guard/index.ts';
import { type ByteString, EMPTY_BYTES, isLiteral, overlaps, toBytes, toText } from '../subjects/index.ts';
import { SERVICES } from '../system/index.ts';
import { type Actor, actorFrom, homeOf, type KnownUser, usersOf } from './actor.ts';
import { placeOf } from './edits.ts';
import type { Extent, Permitted, Question } from './explanation.ts';
import { localPattern, wildcarded } from './labels.ts';
import { type Act, actOf } from './question.ts';
import { samples } from './samples.ts';
import { type Recording, Stage } from './stage.ts';
import { outcomeOf } from './verdict.ts';

/** What the server itself serves; of what names an account, the caller's own is another case. */
const ROWS = [...ENDPOINTS, ...SERVICES].map(({ subject }) => subject);
const SERVED = ROWS.map(wildcarded);
const SERVED_BY_NAME = ROWS.filter((subject) => subject.includes('<account>'));

/** Examples shown of what is allowed and of what is not. */
const EXAMPLES = 3;

/** Every user, and whether it may: all that the subject stands for, some of it, or nothing. Those who may come first. */
export function whoMay(
  options: ServerOptions,
  controlsOff: readonly ControlId[],
  question: Question,
): Permitted[] {
  const only = question.user ?? question.account;
  if (only !== undefined) homeOf(options, question);
  const stage = new Stage(options, controlsOff);
  try {
    const survey = new Survey(stage, question);
    const asked = usersOf(options).filter((each) => isMeant(each, question));
    const found = asked.map((each) => survey.of(each));
    const guest = stage.server.authenticator.guest();
    if (only === undefined && guest.identity !== undefined) {
      const { account } = guest.identity;
      found.push(survey.ofActor(actorFrom(guest), { account, user: EMPTY_BYTES }, guestRights(options)));
    }
    return found.sort((a, b) => ORDER[a.extent] - ORDER[b.extent]);
  } finally {
    stage.close();
  }
}

const ORDER: Readonly<Record<Extent, number>> = { everything: 0, partly: 1, nothing: 2 };

function isMeant({ account, user }: KnownUser, question: Question): boolean {
  if (question.user !== undefined && toBytes(question.user) !== user) return false;
  return question.account === undefined || toBytes(question.account) === account;
}

function guestRights(options: ServerOptions): UserOptions | undefined {
  return options.noAuthUser === undefined ? undefined : placeOf(options, options.noAuthUser)?.user;
}

/** One rehearsed act of a survey. */
interface Sample {
  readonly subject: string;
  readonly allowed: boolean;
  readonly filtered: boolean;
  readonly rule: RuleId;
  readonly reaches: readonly string[];
}

type Finding = Omit<Permitted, 'account' | 'user'>;

/** Asks the same of many. Users of one account with the same rights are asked once. */
class Survey {
  readonly #stage: Stage;
  readonly #question: Question;
  readonly #known = new Map<string, Finding>();
  readonly #imports: ReadonlyMap<ByteString, readonly ByteString[]>;

  constructor(stage: Stage, question: Question) {
    this.#stage = stage;
    this.#question = question;
    this.#imports = new Map(
      stage.options.accounts.map(({ name, imports }) => [name, imports.map(localPattern)] as const),
    );
  }

  of(known: KnownUser): Permitted {
    const identity = this.#stage.server.authenticator.identityOf(known.user);
    const finding =
      identity === undefined ? { found: 'wrong' as const } : { found: 'credentials' as const, identity };
    return this.ofActor(actorFrom(finding), known, identity);
  }

  ofActor(
    actor: Actor,
    { account, user }: KnownUser,
    rights: Pick<UserOptions, 'permissions' | 'connectionTypes'> | undefined,
  ): Permitted {
    const key = JSON.stringify([account, actor.finding.found, rights?.permissions, rights?.connectionTypes]);
    let found = this.#known.get(key);
    if (found === undefined) {
      found = this.#judge(actor, rights);
      this.#known.set(key, found);
    }
    return { account: toText(account), user: toText(user), ...found };
  }

  #judge(actor: Actor, rights: Pick<UserOptions, 'permissions'> | undefined): Finding {
    const act = actOf(this.#question, actor.account);
    if (act.kind === 'connect') return connectFinding(this.#stage.rehearse(actor, act));
    if (act.kind !== 'subscribe') {
      return summary(
        this.#samplesOf(actor, act, rights?.permissions?.publish).map((each) => this.#try(actor, each)),
      );
    }
    const whole = this.#try(actor, act);
    if (whole.allowed || isLiteral(act.subject)) return summary([whole]);
    return summary([whole, ...this.#partsOf(actor, act, rights?.permissions?.subscribe)]);
  }

  /** Where a subscription is refused as a whole, a narrower one may not be. */
  #partsOf(actor: Actor, act: Act & { kind: 'subscribe' }, rights: SubjectPermission | undefined): Sample[] {
    return samples(act.subject, patternsOf(rights)).map((subject) => this.#try(actor, { ...act, subject }));
  }

  #samplesOf<A extends Act & { kind: 'publish' | 'request' }>(
    actor: Actor,
    act: A,
    rights: SubjectPermission | undefined,
  ): A[] {
    if (isLiteral(act.subject)) return [act];
    const patterns = [
      ...patternsOf(rights),
      ...(this.#imports.get(actor.account) ?? []),
      ...SERVED,
      ...SERVED_BY_NAME.map((subject) => wildcarded(subject.replace('<account>', actor.account))),
    ].filter((each) => overlaps(each, act.subject));
    return samples(act.subject, patterns).map((subject) => ({ ...act, subject }));
  }

  #try(actor: Actor, act: Exclude<Act, { kind: 'connect' }>): Sample {
    const recording = this.#stage.rehearse(actor, act);
    const { allowed, decision } = outcomeOf(recording);
    return {
      subject: toText(act.subject),
      allowed,
      filtered: decision.verdict.filtered,
      rule: decision.verdict.rule,
      reaches: reachedBy(recording),
    };
  }
}

function patternsOf(rights: SubjectPermission | undefined): ByteString[] {
  return [...(rights?.allow ?? []), ...(rights?.deny ?? [])].map(({ subject }) => subject);
}

function reachedBy({ happenings }: Recording): string[] {
  return happenings.flatMap((each) =>
    each.kind === 'arrival' && each.arrival.from !== undefined ? [accountText(each.arrival.account)] : [],
  );
}

function summary(tried: readonly Sample[]): Finding {
  const may = tried.filter(({ allowed }) => allowed);
  const mayNot = tried.filter(({ allowed, filtered }) => !allowed || filtered);
  const extent: Extent = may.length === 0 ? 'nothing' : mayNot.length === 0 ? 'everything' : 'partly';
  const [telling] = extent === 'everything' ? may : mayNot;
  const rule = telling?.rule ?? 'publish-unrestricted';
  const reaches = [...new Set(may.flatMap((each) => each.reaches))];
  const examples = (list: readonly Sample[]): string[] =>
    list.slice(0, EXAMPLES).map(({ subject }) => subject);
  const refused = mayNot.filter(({ allowed }) => !allowed);
  return {
    extent,
    rule,
    promise: RULES[rule].promise,
    ...(extent === 'partly' ? { may: examples(may) } : {}),
    ...(extent === 'partly' && refused.length > 0 ? { mayNot: examples(refused) } : {}),
    ...(reaches.length === 0 ? {} : { reaches }),
  };
}

function connectFinding(recording: Recording): Finding {
  const tried = recording.happenings.flatMap((each): Sample[] => {
    if (each.kind !== 'decision') return [];
    const { allowed, rule } = each.decision.verdict;
    return [{ subject: each.over ?? '', allowed, filtered: false, rule, reaches: [] }];
  });
  return summary(tried);
}

/** Whether anybody at all may. */
export function isAnybody(who: readonly Permitted[]): boolean {
  return who.some(({ extent }) => extent !== 'nothing');
}
