import { OutputSchema } from './explanation.ts';

/** The JSON Schema of what `bulkhead explain --json` prints. */
export function renderExplainSchema(): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...OutputSchema };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
