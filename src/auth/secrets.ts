import { createHash, timingSafeEqual } from 'node:crypto';

/** bcrypt verifications under way and waiting; beyond it a login waits for a place or is refused. */
const MAX_PENDING_VERIFICATIONS = 1024;
const MAX_CONCURRENT_VERIFICATIONS = 2;
/** A hash of a random secret nobody knows, at the usual cost: what is verified when there is no user. */
const NOBODYS_HASH = '$2b$11$5ro5Hj.pYOk/ID5UXjGm.udkbodII0o8wGeYqMRFt6dYk0p9XdNQi';

/** Compares two secrets in a time that does not depend on where, or in what length, they differ. */
export function equalSecrets(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** bcrypt off the event loop, a bounded number at a time. */
export class HashVerifier {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param isWanted whether somebody still waits for the answer: who has gone does not keep others waiting.
   * @returns whether the secret is the hashed one; false as well when too many verifications wait.
   */
  async verify(secret: string, hash: string, isWanted: () => boolean): Promise<boolean> {
    if (this.#waiting.length >= MAX_PENDING_VERIFICATIONS) return false;
    await this.#turn();
    try {
      if (!isWanted()) return false;
      const { verify } = await import('@node-rs/bcrypt');
      return await verify(secret, hash);
    } catch {
      return false;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Takes as long as a verification that fails. */
  async pretend(secret: string, isWanted: () => boolean): Promise<void> {
    await this.verify(secret, NOBODYS_HASH, isWanted);
  }

  async #turn(): Promise<void> {
    while (this.#running >= MAX_CONCURRENT_VERIFICATIONS) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}
