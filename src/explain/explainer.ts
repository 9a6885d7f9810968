import type { ServerOptions } from '../config/index.ts';
import { type ControlId, RULES } from '../guard/index.ts';
import type { ByteString } from '../subjects/index.ts';
import { actorOf, homeOf } from './actor.ts';
import { changesFor, stageFor } from './changes.ts';
import { EXPLANATION_VERSION, type Explanation, type Question, type Who } from './explanation.ts';
import { Labels } from './labels.ts';
import { actOf } from './question.ts';
import { Sources } from './sources.ts';
import type { Recording, Stage } from './stage.ts';
import { stepsOf } from './steps.ts';
import { decisionsOf, outcomeOf } from './verdict.ts';
import { whoMay } from './who.ts';

/** Stages kept for the next question in the same account. */
const KEPT_STAGES = 4;

/** What an explainer knows besides the options. */
export interface ExplainerSetup {
  /** Controls that the lab turned off. */
  readonly controlsOff?: readonly ControlId[];
  /** The text of a file of the configuration, for the lines that decided. Default: they are not shown. */
  readonly read?: (file: string) => string | undefined;
}

/**
 * Says why a server with these options allows or refuses something. It does not tell the rules again: it lets the act
 * happen on a server of the same options with nobody in it, and tells what the guard decided there.
 */
export class Explainer {
  readonly #options: ServerOptions;
  readonly #controlsOff: readonly ControlId[];
  readonly #sources: Sources;
  readonly #labels: Labels;
  readonly #stages = new Map<ByteString, Stage>();

  constructor(options: ServerOptions, { controlsOff = [], read }: ExplainerSetup = {}) {
    this.#options = options;
    this.#controlsOff = controlsOff;
    this.#sources = new Sources(options, read);
    this.#labels = new Labels(options);
  }

  /**
   * Answers a question.
   * @throws {QuestionError} for one that cannot be asked so.
   */
  explain(question: Question): Explanation {
    const home = homeOf(this.#options, question);
    const act = actOf(question, home);
    const stage = this.#stageOf(home);
    const actor = actorOf(stage.server, question);
    const recording = stage.rehearse(actor, act);
    const outcome = outcomeOf(recording);
    const telling = { stage, labels: this.#labels, sources: this.#sources };
    const steps = stepsOf(telling, actor, act, recording);
    const [change, ...alternatives] = changesFor({
      options: this.#options,
      controlsOff: this.#controlsOff,
      sources: this.#sources,
      question,
      home,
      act,
      outcome,
    });
    if (isLasting(recording)) this.#drop(home);
    const { rule } = outcome.decision.verdict;
    return {
      version: EXPLANATION_VERSION,
      question,
      allowed: outcome.allowed,
      rule,
      promise: RULES[rule].promise,
      steps,
      ...(change === undefined ? {} : { change }),
      alternatives,
    };
  }

  /**
   * The reverse question: who may? The question's user and account, where there are any, narrow it down.
   * @throws {QuestionError}
   */
  who(question: Question): Who {
    return {
      version: EXPLANATION_VERSION,
      question,
      who: whoMay(this.#options, this.#controlsOff, question),
    };
  }

  close(): void {
    for (const home of [...this.#stages.keys()]) this.#drop(home);
  }

  #stageOf(home: ByteString): Stage {
    const known = this.#stages.get(home);
    if (known !== undefined) return known;
    const [oldest] = this.#stages.keys();
    if (oldest !== undefined && this.#stages.size >= KEPT_STAGES) this.#drop(oldest);
    const stage = stageFor(this.#options, home, this.#controlsOff);
    this.#stages.set(home, stage);
    return stage;
  }

  #drop(home: ByteString): void {
    this.#stages.get(home)?.close();
    this.#stages.delete(home);
  }
}

/** Whether something of the act may be left behind: what administers a server changes it, also one to rehearse on. */
function isLasting(recording: Recording): boolean {
  return decisionsOf(recording).some(({ action, verdict }) => action === 'scope' && verdict.allowed);
}
