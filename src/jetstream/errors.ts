import { integerText } from '../base/index.ts';
import { JS_ERRORS, type JsErrorName } from './error-table.ts';

export { JS_ERRORS, type JsErrorName } from './error-table.ts';

/** An error of the JetStream API: what stands in `error` of a reply or of a publish acknowledgement. */
export class JsError extends Error {
  readonly code: number;
  readonly errCode: number;
  readonly description: string;

  constructor(code: number, errCode: number, description: string) {
    super(description);
    this.name = 'JsError';
    this.code = code;
    this.errCode = errCode;
    this.description = description;
  }
}

/** Builds the error with this name; `{name}` in its text is replaced by `values[name]`. */
export function jsError(name: JsErrorName, values: Readonly<Record<string, string | number>> = {}): JsError {
  const [code, errCode, text] = JS_ERRORS[name];
  let description: string = text;
  for (const [key, value] of Object.entries(values)) {
    description = description.replace(`{${key}}`, () =>
      typeof value === 'number' ? integerText(value) : value,
    );
  }
  return new JsError(code, errCode, description);
}
