import type { ControlId } from '../guard/index.ts';

/** One thing somebody does in the story of an advisory. */
export interface Step {
  /** What the step is for, in one line. */
  readonly title: string;
  /** Who acts: user and password of the configuration. */
  readonly user: string;
  readonly password: string;
  /** The subject published to. */
  readonly subject: string;
  readonly body?: string;
  /** Whether an answer is asked for. */
  readonly asksReply: boolean;
  /** Whether this is the step that the advisory is about. */
  readonly isExploit?: true;
}

/** What to look at when the story is over. */
export interface Observation {
  readonly title: string;
  readonly user: string;
  readonly password: string;
  readonly subject: string;
  /** Reads the answer; a sentence for people. */
  readonly read: (answer: string) => string;
}

/** A historical hole: the configuration it lived in, how it was used, what shows whether it is open. */
export interface Advisory {
  readonly id: string;
  readonly title: string;
  readonly control: ControlId;
  readonly config: string;
  readonly steps: readonly Step[];
  readonly observe: Observation;
}
