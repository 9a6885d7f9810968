import type { World } from './world.ts';

/**
 * What was really done in a run, in order: the actions with their names and numbers filled in, as the model has to be
 * told of them.
 */
export type Deed =
  | { readonly kind: 'open'; readonly label: string; readonly user: string }
  | {
      readonly kind: 'sub';
      readonly label: string;
      readonly sid: string;
      readonly subject: string;
      readonly queue: string | undefined;
    }
  | { readonly kind: 'unsub'; readonly label: string; readonly sid: string }
  | {
      readonly kind: 'pub';
      readonly label: string;
      readonly subject: string;
      readonly reply: string;
      readonly body: string;
      readonly hasHeader: boolean;
      /** Whether the reply is an inbox of this message alone. */
      readonly asks: boolean;
    }
  | { readonly kind: 'close'; readonly label: string }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'reload'; readonly world: World };

export class Journal {
  readonly deeds: Deed[] = [];

  note(deed: Deed): void {
    this.deeds.push(deed);
  }
}
