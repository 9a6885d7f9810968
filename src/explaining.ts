import type { Explanation, LiveExplainer, Question, Who } from './explain/index.ts';
import type { ControlId } from './guard/index.ts';
import type { Server } from './server/index.ts';

/** A running server's explainer, loaded when it is first asked. */
export class Explaining {
  readonly #controlsOff: readonly ControlId[];
  #live: Promise<LiveExplainer> | undefined;

  constructor(controlsOff: readonly ControlId[] = []) {
    this.#controlsOff = controlsOff;
  }

  async explain(server: Server, question: Question): Promise<Explanation> {
    return (await this.#of(server)).explain(question);
  }

  /** Answers a question that came over the wire. */
  async answer(server: Server, text: string): Promise<Explanation | Who> {
    return (await this.#of(server)).answer(text);
  }

  #of(server: Server): Promise<LiveExplainer> {
    this.#live ??= import('./explain/index.ts').then(
      (explain) => new explain.LiveExplainer(server, this.#controlsOff),
    );
    return this.#live;
  }
}
