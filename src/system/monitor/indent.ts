const STEP = '  ';

/**
 * JSON without white space, laid out for people: as the real server shows it, two blanks a level, empty objects and
 * lists on one line. Only the layout is made here: strings and numbers stay as they are, to the byte.
 */
export function indented(json: string): string {
  const parts: string[] = [];
  let depth = 0;
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (token === ':') parts.push(': ');
    else if (token === '{' || token === '[' || token === ',') parts.push(token, '\n', STEP.repeat(depth));
    else if (token === '}' || token === ']') parts.push('\n', STEP.repeat(depth), token);
    else parts.push(token);
  }
  return parts.join('');
}

/** A string, an empty object or list, a mark, or anything else. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|\{\}|\[\]|[{}[\],:]|[^{}[\],:"]+/g;
