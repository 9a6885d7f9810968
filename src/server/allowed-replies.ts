import type { Guard, Principal } from '../guard/index.ts';
import { type ByteString, bytesAt } from '../subjects/index.ts';

const NO_BYTES: Buffer = Buffer.alloc(0);

/**
 * Which reply subjects one connection may name. Those of a client begin alike (`_INBOX.`): once all with that beginning
 * are allowed, no text is made of the next one.
 */
export class AllowedReplies {
  #beginning = NO_BYTES;
  /** The policy generation of the verdict on all of them; 0: there is none. */
  #allowedAt = 0;

  /** Whether a principal may name the reply subject that stands in a buffer. */
  allows(guard: Guard, principal: Principal, buffer: Buffer, start: number, end: number): boolean {
    if (this.#allowedAt === guard.generation && this.#isBelow(buffer, start, end)) return true;
    const reply = bytesAt(buffer, start, end);
    const { allowed } = guard.reply(principal, reply);
    if (allowed) this.#widen(guard, principal, reply);
    return allowed;
  }

  #widen(guard: Guard, principal: Principal, reply: ByteString): void {
    const beginning = reply.slice(0, reply.indexOf('.') + 1) as ByteString;
    if (beginning === '' || guard.replyBelow(principal, beginning)?.allowed !== true) return;
    this.#beginning = Buffer.from(beginning, 'latin1');
    this.#allowedAt = guard.generation;
  }

  #isBelow(buffer: Buffer, start: number, end: number): boolean {
    const bytes = this.#beginning;
    if (end - start <= bytes.length) return false;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
    return true;
  }
}
