/** ANSI codes of what is painted. */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Narrowest column that text is broken to. */
const MIN_WIDTH = 30;

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: keyof typeof CODES, text: string) => string;

/** What paints where there is colour. */
export function painter(colour: boolean): Paint {
  return (name, text) => (colour ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text);
}

/**
 * Text from outside, with everything that a terminal would take for a command shown instead: control characters,
 * and marks that turn the direction of writing or hide.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (char) => {
      const code = char.charCodeAt(0);
      return code < 0x100
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    },
  );
}

/** Breaks a text at its spaces; `indent` goes before every line. A word that is longer than a line is left whole. */
export function wrapped(text: string, width: number, indent = 0): string[] {
  const room = Math.max(MIN_WIDTH, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((each) => `${' '.repeat(indent)}${each}`);
}
