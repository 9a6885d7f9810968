import type { ServerOptions } from '../config/index.ts';
import type { ControlId } from '../guard/index.ts';
import type { Server } from '../server/index.ts';
import { Explainer } from './explainer.ts';
import type { Explanation, Question, Who } from './explanation.ts';
import { QuestionError } from './question.ts';
import { readQuestion } from './read-question.ts';

/** Explains a running server: by the configuration that is in force now, and the controls it was started with. */
export class LiveExplainer {
  readonly #server: Server;
  readonly #controlsOff: readonly ControlId[];
  #options: ServerOptions | undefined;
  #explainer: Explainer | undefined;

  constructor(server: Server, controlsOff: readonly ControlId[]) {
    this.#server = server;
    this.#controlsOff = controlsOff;
  }

  /** @throws {QuestionError} */
  explain(question: Question): Explanation {
    return this.#current().explain(question);
  }

  /** @throws {QuestionError} */
  who(question: Question): Who {
    return this.#current().who(question);
  }

  /** Answers a question that came over the wire, as JSON. @throws {QuestionError} */
  answer(text: string): Explanation | Who {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new QuestionError('the question is no JSON');
    }
    if (typeof value !== 'object' || value === null || !('who' in value))
      return this.explain(readQuestion(value));
    const { who, ...question } = value;
    return who === true ? this.who(readQuestion(question)) : this.explain(readQuestion(question));
  }

  /** What was prepared for one configuration serves until another one is in force. */
  #current(): Explainer {
    const { options } = this.#server;
    if (this.#explainer === undefined || this.#options !== options) {
      this.#explainer?.close();
      this.#explainer = new Explainer(options, { controlsOff: this.#controlsOff });
      this.#options = options;
    }
    return this.#explainer;
  }
}
