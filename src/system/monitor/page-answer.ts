import { encodeJson } from '../../base/index.ts';
import { ServiceError } from '../service.ts';
import type { SystemView } from '../view.ts';
import { indented } from './indent.ts';
import { indexPage } from './index-page.ts';
import type { Page, PageBody } from './page-row.ts';
import { PAGES } from './pages.ts';
import { paramsOf, readQuery } from './query.ts';

/** What is answered, whoever carries it. */
export interface MonitorAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A page that an address means; counted under its path, and answered by {@link FoundPage.answer}. */
export interface FoundPage {
  readonly path: string;
  answer(server: SystemView): MonitorAnswer;
}

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain; charset=utf-8';
const HTML_TYPE = 'text/html; charset=utf-8';

const BY_PATH: ReadonlyMap<string, Page> = new Map(
  PAGES.flatMap((page) => [page.path, page.alias ?? page.path].map((path) => [path, page] as const)),
);

/**
 * The page at an address such as `/connz?subs=1`. Paths are compared as they are, to the letter.
 * @param basePath what stands before all pages.
 */
export function findPage(target: string, basePath = ''): FoundPage | undefined {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path === basePath || path === `${basePath}/`)
    return { path: '/', answer: (server) => answer(200, HTML_TYPE, indexPage(server, basePath)) };
  if (!path.startsWith(`${basePath}/`)) return undefined;
  const page = BY_PATH.get(path.slice(basePath.length));
  if (page === undefined) return undefined;
  const query = mark < 0 ? '' : target.slice(mark + 1);
  return { path: page.path, answer: (server) => answerOf(page, server, query) };
}

/** What there is at an address that is no page. */
export const NO_PAGE: MonitorAnswer = answer(404, TEXT_TYPE, '404 page not found\n');

function answerOf(page: Page, server: SystemView, query: string): MonitorAnswer {
  try {
    const options = readQuery(page.query, paramsOf(query));
    const said: PageBody = page.answer(server, options as never);
    if ('text' in said) return answer(said.status, TEXT_TYPE, said.text);
    const json = encodeJson(said.body);
    return answer(said.status, JSON_TYPE, page.layout === 'line' ? json : indented(json));
  } catch (error) {
    if (error instanceof ServiceError) return answer(400, TEXT_TYPE, error.message);
    throw error;
  }
}

function answer(status: number, contentType: string, body: string): MonitorAnswer {
  return { status, contentType, body };
}
