import type { Position } from './options.ts';
import { Refusal } from './problems.ts';

/** A place in a text that moves forward only and knows its line and column. */
export class Cursor {
  readonly text: string;
  readonly file: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  get offset(): number {
    return this.#offset;
  }

  /** The character here; empty at the end. */
  get here(): string {
    return this.text.charAt(this.#offset);
  }

  get atEnd(): boolean {
    return this.#offset >= this.text.length;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.#offset);
  }

  position(): Position {
    return { file: this.file, line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }

  /** Moves on by one character. */
  skip(): void {
    this.#offset++;
    if (this.text.charCodeAt(this.#offset - 1) !== 0x0a) return;
    this.#line++;
    this.#lineStart = this.#offset;
  }

  /** Moves on to an offset. */
  moveTo(offset: number): void {
    while (this.#offset < offset) this.skip();
  }

  /** Takes what a sticky expression matches here; empty when it does not match. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.moveTo(this.#offset + found.length);
    return found;
  }

  /** Refuses the text at this place, in the real server's words. */
  fail(message: string, at: Position = this.position()): never {
    throw new Refusal(at, `Parse error on line ${at.line}: '${message}'`);
  }
}

/** A character for a message, as Go prints it. */
export function shown(char: string): string {
  if (char === '') return 'EOF';
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  return char;
}
