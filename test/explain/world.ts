import * as Value from 'typebox/value';
import { expect } from 'vitest';
import { type Explanation, ExplanationSchema, explainerFor, type Question } from '../../src/explain/index.ts';

/** Explains, and checks that the answer is what the schema says. */
export function asked(config: string, question: Question): Explanation {
  const explainer = explainerFor(config);
  try {
    const explanation = explainer.explain(question);
    expect(Value.Check(ExplanationSchema, explanation)).toBe(true);
    return explanation;
  } finally {
    explainer.close();
  }
}
