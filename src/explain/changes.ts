import type { ServerOptions } from '../config/index.ts';
import type { ControlId } from '../guard/index.ts';
import { type ByteString, toBytes, toText } from '../subjects/index.ts';
import { actorOf } from './actor.ts';
import { editsFor, narrowerSubjects } from './candidates.ts';
import { type Edit, placeOf, type UserPlace } from './edits.ts';
import type { Change, Question } from './explanation.ts';
import { quotedWord } from './permissions-text.ts';
import { type Act, actOf, quotedBytes } from './question.ts';
import { reachableFrom, withoutTheRest } from './reachable.ts';
import { samples } from './samples.ts';
import type { Sources } from './sources.ts';
import { Stage } from './stage.ts';
import { type Outcome, outcomeOf } from './verdict.ts';

/** Rehearsals that one search may take. */
const MAX_TRIES = 24;
/** Edits that may be needed together. */
const MAX_STEPS = 4;
/** Changes shown. */
const MAX_CHANGES = 3;

/** A question with all that is known about it. */
export interface Case {
  readonly options: ServerOptions;
  readonly controlsOff: readonly ControlId[];
  readonly sources: Sources;
  readonly question: Question;
  readonly home: ByteString;
  readonly act: Act;
  readonly outcome: Outcome;
}

/** Makes the stage for questions in one account. */
export function stageFor(options: ServerOptions, home: ByteString, controlsOff: readonly ControlId[]): Stage {
  const reached = reachableFrom(options, home);
  return new Stage(withoutTheRest(options, reached), controlsOff, reached);
}

/**
 * Changes that decide a question otherwise, the smallest first. Every one was rehearsed: the server with the change
 * decides so.
 */
export function changesFor(asked: Case): Change[] {
  return [...otherQuestions(asked), ...new Search(asked).run()].slice(0, MAX_CHANGES);
}

/** What could be asked instead, with the configuration as it is. */
function otherQuestions(asked: Case): Change[] {
  const { question, outcome, act } = asked;
  if (outcome.allowed) return [];
  const { rule } = outcome.decision.verdict;
  if (rule === 'scope-system-only' || rule === 'scope-named-account-only') return asSystem(asked);
  if (act.kind !== 'subscribe') return [];
  return narrowerSubjects(userPlace(asked.options, question), act).flatMap((subject): Change[] => {
    const narrower: Question = { ...question, subject: toText(subject) };
    if (!isAllowed(asked, narrower)) return [];
    return [{ kind: 'question', summary: `Subscribe to ${quotedBytes(subject)} only.`, question: narrower }];
  });
}

function asSystem(asked: Case): Change[] {
  const { options, question } = asked;
  const { systemAccount } = options;
  if (systemAccount === undefined) return [];
  const users = options.accounts.find(({ name }) => name === systemAccount)?.users ?? [];
  for (const user of users.slice(0, MAX_TRIES)) {
    const name = toText(user.user ?? toBytes(user.nkey ?? ''));
    const { account: _, ...others } = question;
    const instead: Question = { ...others, user: name };
    if (!isAllowed(asked, instead)) continue;
    const account = toText(systemAccount);
    return [
      {
        kind: 'question',
        summary: `Use the system account: ask as ${JSON.stringify(name)}, a user of "${account}".`,
        question: instead,
        ...(user.at === undefined ? {} : { at: asked.sources.place(user.at) }),
      },
    ];
  }
  return newSystemUser(asked, toText(systemAccount));
}

/** There is no user who could: one has to be made. */
function newSystemUser(asked: Case, account: string): Change[] {
  const { user: _, ...others } = asked.question;
  if (!isAllowed(asked, { ...others, account })) return [];
  return [
    {
      kind: 'configuration',
      summary: 'Use the system account: give it a user, and ask as that one.',
      where: 'accounts',
      configuration: `${quotedWord(account)}: { users: [ { user: "admin", password: "a bcrypt hash" } ] }`,
    },
  ];
}

function isAllowed(asked: Case, question: Question): boolean {
  return judge(asked, asked.options, question).allowed;
}

/** What a server with these options decides. */
function judge(asked: Case, options: ServerOptions, question: Question): Outcome {
  const home =
    question.account !== undefined
      ? toBytes(question.account)
      : ((question.user === undefined ? undefined : placeOf(options, toBytes(question.user))?.account) ??
        asked.home);
  const stage = stageFor(options, home, asked.controlsOff);
  try {
    const actor = actorOf(stage.server, question);
    return outcomeOf(stage.rehearse(actor, actOf(question, actor.account)));
  } finally {
    stage.close();
  }
}

/** The entry of the user that a question is about; the guest is one too. */
function userPlace(options: ServerOptions, question: Question): UserPlace | undefined {
  if (question.user !== undefined) return placeOf(options, toBytes(question.user));
  if (question.account !== undefined || options.noAuthUser === undefined) return undefined;
  return placeOf(options, options.noAuthUser);
}

/** Edits made so far, and what the server decides with them. */
interface Draft {
  readonly edits: readonly Edit[];
  readonly options: ServerOptions;
  readonly outcome: Outcome;
}

/** Looks for edits of the configuration: one, or as many as are needed together. */
class Search {
  readonly #asked: Case;
  #tries = 0;

  constructor(asked: Case) {
    this.#asked = asked;
  }

  run(): Change[] {
    const { options, outcome } = this.#asked;
    const found: Change[] = [];
    let drafts: Draft[] = [{ edits: [], options, outcome }];
    for (let step = 0; step < MAX_STEPS && found.length === 0; step++) {
      const next: Draft[] = [];
      for (const draft of drafts) {
        for (const better of this.#stepsFrom(draft)) {
          if (better.outcome.allowed === outcome.allowed) next.push(better);
          else found.push(this.#changeOf(better));
        }
      }
      drafts = next;
    }
    return withoutWider(found);
  }

  /** One edit further. An edit that does not even reach another decision leads nowhere. */
  #stepsFrom(draft: Draft): Draft[] {
    const { act, question } = this.#asked;
    const place = userPlace(draft.options, question);
    if (place === undefined) return [];
    return editsFor(draft.options, place, act, draft.outcome).flatMap((edit): Draft[] => {
      if (this.#tries++ >= MAX_TRIES) return [];
      const outcome = judge(this.#asked, edit.options, question);
      if (isSame(outcome, draft.outcome)) return [];
      return [{ edits: [...draft.edits, edit], options: edit.options, outcome }];
    });
  }

  #changeOf({ edits, options }: Draft): Change {
    const last = edits.at(-1);
    if (last === undefined) throw new Error('a change without an edit');
    const { at, where, configuration } = last;
    const also = this.#alsoAllowed(options, edits);
    return {
      kind: 'configuration',
      summary: `${edits.map(({ summary }) => summary).join('. ')}.`,
      where,
      ...(at === undefined ? {} : { at: this.#asked.sources.place(at) }),
      ...(configuration === '' ? {} : { configuration }),
      ...(also === undefined ? {} : { also }),
    };
  }

  /** What else an edit sets free, asked of the server with the edit in it. */
  #alsoAllowed(options: ServerOptions, edits: readonly Edit[]): string | undefined {
    const { act, question } = this.#asked;
    if (act.kind === 'connect' || question.subject === undefined) return undefined;
    const action = act.kind === 'subscribe' ? 'subscribe' : 'publish';
    for (const { touches } of edits) {
      if (touches === undefined) continue;
      const place = userPlace(options, question);
      const side = place?.user.permissions?.[action];
      const patterns = [...(side?.allow ?? []), ...(side?.deny ?? [])].map((entry) => entry.subject);
      for (const subject of samples(touches, patterns)) {
        if (subject === act.subject) continue;
        const { inbox: _inbox, ...others } = question;
        const other: Question = { ...others, action, subject: toText(subject) };
        if (
          !judge(this.#asked, this.#asked.options, other).allowed &&
          judge(this.#asked, options, other).allowed
        )
          return `It also allows the rest of ${quotedBytes(touches)}.`;
      }
    }
    return undefined;
  }
}

/** Whether two outcomes are so for the same reason. */
function isSame(a: Outcome, b: Outcome): boolean {
  const why = ({ decision }: Outcome): string =>
    JSON.stringify([decision.verdict.rule, decision.subject, decision.reasons.at(-1)]);
  return why(a) === why(b);
}

/** Where a change grants no more than was asked, those that do are not shown. */
function withoutWider(changes: readonly Change[]): Change[] {
  const different = [...new Map(changes.map((each) => [each.configuration, each])).values()];
  const narrow = different.filter(({ also }) => also === undefined);
  return narrow.length > 0 ? narrow : different;
}
