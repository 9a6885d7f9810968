const STEP = '  ';
const BACKSLASH = 0x5c;

/**
 * JSON without white space, laid out for people: as the real server shows it, two blanks a level, empty objects and
 * lists on one line. Only the layout is made here: strings and numbers stay as they are, to the byte.
 */
export function indented(json: string): string {
  const lines: string[] = [];
  let depth = 0;
  let start = 0;
  let name = '';
  const line = (end: number): void => {
    if (end > start) lines.push(STEP.repeat(depth) + name + json.slice(start, end));
    name = '';
    start = end;
  };
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = closingQuote(json, at);
    else if (char === ',') line(at + 1);
    else if (char === ':') {
      name = `${json.slice(start, at)}: `;
      start = at + 1;
    } else if (char === '{' || char === '[') {
      if (isEmpty(json, at)) at++;
      else {
        line(at + 1);
        depth++;
      }
    } else if (char === '}' || char === ']') {
      line(at);
      depth--;
    }
  }
  line(json.length);
  return lines.join('\n');
}

function isEmpty(json: string, at: number): boolean {
  const next = json[at + 1];
  return next === '}' || next === ']';
}

/** The end of a string that begins here: the next quote that no odd number of backslashes stands before. */
function closingQuote(json: string, open: number): number {
  for (let end = json.indexOf('"', open + 1); end > 0; end = json.indexOf('"', end + 1)) {
    let before = end;
    while (json.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((end - before) % 2 === 0) return end;
  }
  return json.length;
}
