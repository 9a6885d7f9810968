import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, pagePaths, ROOT, readPage } from './pages.ts';

interface Link {
  readonly target: string;
  readonly anchor: string;
}

/** Links to places inside the checkout, with paths from its root. */
function internalLinks(path: string): Link[] {
  const text = readPage(path).replace(/^```[\s\S]*?^```$/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { target: file === '' ? path : posix.join(posix.dirname(path), file), anchor };
    });
}

function isBroken({ target, anchor }: Link): boolean {
  if (!existsSync(`${ROOT}${target}`)) return true;
  return anchor !== '' && !anchorsOf(readPage(target)).includes(anchor);
}

describe('internal links', () => {
  it.each(pagePaths())('of %s resolve', (path) => {
    expect(internalLinks(path).filter(isBroken)).toEqual([]);
  });

  it('are found at all', () => {
    expect(internalLinks('README.md').length).toBeGreaterThan(10);
    expect(isBroken({ target: 'docs/nowhere.md', anchor: '' })).toBe(true);
    expect(isBroken({ target: 'README.md', anchor: 'nowhere' })).toBe(true);
  });

  it('lead to every page from the README or a page it links to', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) {
      for (const { target } of internalLinks(path)) if (target.endsWith('.md')) reached.add(target);
    }
    expect(pagePaths().filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe('paths in backticks', () => {
  const PATH = /`((?:src|test|examples|scripts|bin|docs|bench)\/[\w./-]*)`/g;

  it.each(pagePaths())('of %s exist', (path) => {
    const named = [...readPage(path).matchAll(PATH)].map(([, name = '']) => name);
    expect(named.filter((name) => !existsSync(`${ROOT}${name}`))).toEqual([]);
  });
});
