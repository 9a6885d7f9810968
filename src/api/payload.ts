import type { Message } from '../base/index.ts';
import { jsError } from '../jetstream/index.ts';
import { bytesAt } from '../subjects/index.ts';
import { decodePlain, decodeRequest } from './decode.ts';
import type { JsonRule, RequestRule } from './request-rule.ts';

/** Nothing, or an object without members. */
const BLANK = /^[ \t\r\n]*(?:\{[ \t\r\n]*\}[ \t\r\n]*)?$/;
const OPENS = /^[ \t\r\n]*[{[]/;

/**
 * The payload of a request as its row wants it.
 * @param beforeBody checks that stand between the check for content and the reading of it.
 * @throws JsError or JsonError.
 */
export function bodyOf(
  rule: RequestRule<unknown>,
  message: Message,
  strict: boolean,
  beforeBody: () => void = () => {},
): unknown {
  if (rule.kind === 'none') return undefined;
  const text = bytesAt(message.buffer, message.payloadStart, message.end);
  if (rule.kind === 'empty') {
    if (!BLANK.test(text)) throw jsError('JSNotEmptyRequestErr');
    return undefined;
  }
  if (isAbsent(rule, text)) return {};
  beforeBody();
  return rule.plain ? decodePlain(text, rule.shape()) : decodeRequest(text, rule.shape(), strict);
}

function isAbsent({ absent }: JsonRule<unknown>, text: string): boolean {
  switch (absent) {
    case 'decoded':
      return false;
    case 'none':
      return text === '';
    case 'not-an-object':
      return !OPENS.test(text);
    default:
      if (BLANK.test(text)) throw jsError(absent);
      return false;
  }
}
