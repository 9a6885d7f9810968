import type { ByteString } from '../../subjects/index.ts';

/** Assets by name, to look at. */
export interface ReadonlyRoster<T> extends ReadonlyMap<ByteString, T> {
  /** All of them in the order of their names, as listings show them. */
  sorted(): readonly T[];
}

/** Assets by name. They are sorted once and not for each page of a listing. */
export class Roster<T> extends Map<ByteString, T> implements ReadonlyRoster<T> {
  #sorted: readonly T[] | undefined;

  override set(name: ByteString, asset: T): this {
    this.#sorted = undefined;
    return super.set(name, asset);
  }

  override delete(name: ByteString): boolean {
    this.#sorted = undefined;
    return super.delete(name);
  }

  override clear(): void {
    this.#sorted = undefined;
    super.clear();
  }

  sorted(): readonly T[] {
    this.#sorted ??= [...this].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, asset]) => asset);
    return this.#sorted;
  }
}
