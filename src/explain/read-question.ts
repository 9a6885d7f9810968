import type { Question } from './explanation.ts';
import { listed, QuestionError } from './question.ts';

const ACTIONS = ['publish', 'subscribe', 'request', 'jetstream', 'connect'] as const;
const TEXTS = ['user', 'account', 'subject', 'queue', 'inbox'] as const;
/** Longest text of a question, in characters. */
const MAX_TEXT = 4_096;

/** Reads a question from outside. @throws {QuestionError} for anything that is none. */
export function readQuestion(value: unknown): Question {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new QuestionError('a question is a JSON object');
  const fields = new Map<string, unknown>(Object.entries(value));
  const action = ACTIONS.find((each) => each === fields.get('action'));
  if (action === undefined) throw new QuestionError(`"action" is one of ${listed(ACTIONS)}`);
  fields.delete('action');
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const text = fields.get(name);
    fields.delete(name);
    if (text === undefined) continue;
    if (typeof text !== 'string' || text.length > MAX_TEXT)
      throw new QuestionError(`"${name}" is a text of at most ${MAX_TEXT} characters`);
    texts[name] = text;
  }
  if (fields.size > 0)
    throw new QuestionError(
      `a question has no ${listed([...fields.keys()].map((key) => JSON.stringify(key)))}`,
    );
  return { action, ...texts };
}
