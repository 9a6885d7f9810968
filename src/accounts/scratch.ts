import { Message } from '../base/index.ts';

/** Room kept for bytes at each level; larger messages get room of their own. */
const KEPT_BYTES = 32 * 1024;

/** A message object for one crossing, and room for the bytes that are not the original's. */
export class Scratch {
  readonly message = new Message();
  #kept: Buffer | undefined;

  /** A buffer of at least so many bytes, good until the scratch is borrowed again. */
  room(bytes: number): Buffer {
    if (bytes > KEPT_BYTES) return Buffer.allocUnsafeSlow(bytes);
    this.#kept ??= Buffer.allocUnsafeSlow(KEPT_BYTES);
    return this.#kept;
  }
}

/**
 * Crossings nest (a chain of imports crosses again before the first crossing is over) and never outlive their call:
 * a stack of scratches serves them all, without an object per message.
 */
const levels: Scratch[] = [];
let depth = 0;

/** Borrows the next level; whoever does gives it back in a `finally`. */
export function borrowScratch(): Scratch {
  let level = levels[depth];
  if (level === undefined) {
    level = new Scratch();
    levels.push(level);
  }
  depth++;
  return level;
}

/** Gives the level borrowed last back. */
export function returnScratch(): void {
  depth--;
}
