/**
 * A server that can say why. A question (who wants to do what) is answered by a rehearsal: the act is carried out, by the
 * server's own code, on a server of the same options that nobody is in, and every decision of its guard is told. What
 * would have to be different is found by trying: only a change with which that server decides otherwise is named.
 * Nothing here knows the rules.
 */
export { Explainer, type ExplainerSetup } from './explainer.ts';
export {
  type ArrivalStep,
  type Change,
  type DecisionStep,
  type Explanation,
  ExplanationSchema,
  type Extent,
  OutputSchema,
  type Permitted,
  type Place,
  type Question,
  QuestionSchema,
  type Step,
  type Who,
} from './explanation.ts';
export { LiveExplainer } from './live.ts';
export { type ConfigSource, explainerFor } from './load.ts';
export { listed, QuestionError } from './question.ts';
export { readQuestion } from './read-question.ts';
export { renderExplainSchema } from './schema.ts';
export { explanationText, type TextStyle, whoText } from './text.ts';
export { isAnybody } from './who.ts';
