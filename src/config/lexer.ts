import { Cursor, shown } from './cursor.ts';
import { readNumber } from './lex-numbers.ts';
import { readBare, readBlock, readDoubleQuoted, readSingleQuoted } from './lex-strings.ts';
import type { Position } from './options.ts';

/** What stands where a key may stand. */
export type KeyToken =
  | { readonly kind: 'key' | 'include'; readonly text: string; readonly at: Position }
  | { readonly kind: 'open' | 'close' | 'end'; readonly at: Position };

/** What stands where a value may stand. */
export type ValueToken = { readonly at: Position } & (
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'variable'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number; readonly written?: string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'date'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'open-map' | 'open-array' | 'close-array' }
);

/** What holds the value that has just ended. */
export type Holder = 'file' | 'map' | 'array';

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

const EXPECTED: Readonly<Record<Holder, string>> = {
  file: 'Expected a top-level value to end with a new line, comment or EOF',
  map: 'Expected a map value terminator "," or a map terminator "}"',
  array: 'Expected an array value terminator "," or an array terminator "]"',
};

/** Text to tokens. What a character means depends on what may stand there, so the parser asks by place. */
export class Lexer {
  readonly #cursor: Cursor;

  constructor(text: string, file: string) {
    // A byte order mark is no part of the text.
    this.#cursor = new Cursor(text.startsWith('\ufeff') ? text.slice(1) : text, file);
  }

  position(): Position {
    return this.#cursor.position();
  }

  /** Refuses the text at this place. */
  fail(message: string, at?: Position): never {
    return this.#cursor.fail(message, at);
  }

  /** The next key, or what stands instead of one. */
  key(): KeyToken {
    const cursor = this.#cursor;
    this.#skipSpace();
    const at = cursor.position();
    if (cursor.atEnd) return { kind: 'end', at };
    if (cursor.here === '}' || cursor.here === '{') {
      const kind = cursor.here === '}' ? 'close' : 'open';
      cursor.skip();
      return { kind, at };
    }
    if (cursor.here === '"' || cursor.here === "'") return { kind: 'key', text: this.#quotedKey(), at };
    const text = cursor.take(/[^\s:=]+/y);
    if (text === '') return cursor.fail(`Unexpected key separator '${cursor.here}'`);
    if (text.toLowerCase() === 'include' && /[ \t\r\n]/.test(cursor.here)) return this.#include(at);
    return { kind: 'key', text, at };
  }

  /** The value of a key that has just been read; it may be preceded by `:` or `=`. */
  valueOfKey(at: Position): ValueToken {
    const cursor = this.#cursor;
    cursor.take(/\s+/y);
    if (cursor.take(/[:=][ \t]*/y) !== '' && cursor.take(/\r?\n/y) !== '') {
      return cursor.fail('Expected value but found new line');
    }
    if (cursor.atEnd) return cursor.fail('Unexpected EOF.');
    return this.#value(at);
  }

  /** The next item of an array, or its end. */
  item(): ValueToken {
    const cursor = this.#cursor;
    this.#skipSpace();
    const at = cursor.position();
    if (cursor.atEnd) return cursor.fail('Unexpected EOF processing array.');
    if (cursor.here === ',') return cursor.fail("Unexpected array value terminator ','.");
    if (cursor.here !== ']') return this.#value(at);
    cursor.skip();
    return { kind: 'close-array', at };
  }

  /** Passes the end of a value; refuses what may not follow one there. */
  endOfValue(holder: Holder): void {
    const cursor = this.#cursor;
    cursor.take(/[ \t]+/y);
    if (cursor.here === ',' || (cursor.here === ';' && holder !== 'array')) {
      cursor.skip();
      return;
    }
    const closing = { file: '', map: '}', array: ']' }[holder];
    if (cursor.atEnd || cursor.here === closing || this.#atComment() || /[\r\n]/.test(cursor.here)) return;
    cursor.fail(`${EXPECTED[holder]}, but got '${shown(cursor.here)}' instead.`);
  }

  #value(at: Position): ValueToken {
    const cursor = this.#cursor;
    switch (cursor.here) {
      case '{':
        cursor.skip();
        return { kind: 'open-map', at };
      case '[':
        cursor.skip();
        return { kind: 'open-array', at };
      case "'":
        return { kind: 'string', value: readSingleQuoted(cursor), at };
      case '"':
        return { kind: 'string', value: readDoubleQuoted(cursor), at };
      case '(':
        return { kind: 'string', value: readBlock(cursor), at };
      case '.':
        return cursor.fail('Floats must start with a digit');
      default:
        if (/[-0-9]/.test(cursor.here)) return { ...readNumber(cursor), at };
        return this.#bare(at);
    }
  }

  /** An unquoted word: a boolean, a variable, or a string. A bcrypt hash begins like a variable and is a string. */
  #bare(at: Position): ValueToken {
    const cursor = this.#cursor;
    const text = readBare(cursor);
    if (text === '') return cursor.fail(`Expected a value, but got '${shown(cursor.here)}' instead.`);
    const word = text.toLowerCase();
    if (Object.hasOwn(BOOLEANS, word)) return { kind: 'boolean', value: BOOLEANS[word] === true, at };
    if (text.startsWith('$') && !text.startsWith('$2a$'))
      return { kind: 'variable', value: text.slice(1), at };
    return { kind: 'string', value: text, at };
  }

  #quotedKey(): string {
    const cursor = this.#cursor;
    const quote = cursor.here;
    const end = cursor.text.indexOf(quote, cursor.offset + 1);
    if (end === -1) {
      cursor.moveTo(cursor.text.length);
      return cursor.fail('Unexpected EOF.');
    }
    const text = cursor.text.slice(cursor.offset + 1, end);
    cursor.moveTo(end + 1);
    return text;
  }

  #include(at: Position): KeyToken {
    const cursor = this.#cursor;
    cursor.take(/[ \t]+/y);
    if (cursor.atEnd || /[\r\n]/.test(cursor.here)) {
      cursor.skip();
      return cursor.fail('Expected include value but found new line');
    }
    if (cursor.here === '"') return { kind: 'include', text: readDoubleQuoted(cursor), at };
    if (cursor.here === "'") return { kind: 'include', text: readSingleQuoted(cursor), at };
    return { kind: 'include', text: readBare(cursor), at };
  }

  #atComment(): boolean {
    return this.#cursor.here === '#' || this.#cursor.startsWith('//');
  }

  /** Passes white space, empty lines and comments. */
  #skipSpace(): void {
    for (;;) {
      this.#cursor.take(/\s+/y);
      if (!this.#atComment()) return;
      this.#cursor.take(/[^\n]*/y);
    }
  }
}
