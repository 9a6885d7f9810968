import type { ReplyBody } from '../service.ts';
import type { SystemView } from '../view.ts';
import type { QueryRule } from './query.ts';

/** How the body of an answer is laid out: for people, or on one line as health checks expect it. */
export type Layout = 'indented' | 'line';

/** What a page says: an object, or a text. */
export type PageBody =
  | { readonly status: number; readonly body: ReplyBody }
  | { readonly status: number; readonly text: string };

/** One page of monitoring: everything there is to say about it. */
export interface PageRow<Options> {
  readonly path: string;
  /** Another path of the same page. */
  readonly alias?: string;
  readonly title: string;
  /** One sentence, for the index. */
  readonly doc: string;
  readonly query: QueryRule<Options>;
  /** Queries that people want, for the index. */
  readonly examples?: readonly string[];
  /** Default `indented`. */
  readonly layout?: Layout;
  /** @throws ServiceError: status 400 with its text. */
  answer(server: SystemView, options: Options): PageBody;
}

/** A page, its options forgotten: what reads them gives the page what its own rule says. */
export interface Page extends Omit<PageRow<never>, 'query'> {
  readonly query: QueryRule<Readonly<Record<string, unknown>>>;
}

/** Declares a page. */
export function page<Options>(row: PageRow<Options>): Page {
  return row as unknown as Page;
}

/** A page that always has something to say. */
export function ok(body: ReplyBody): PageBody {
  return { status: 200, body };
}
