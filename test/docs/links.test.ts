import { existsSync, readdirSync } from 'node:fs';
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

describe('file names in backticks', () => {
  const NAME = /`([\w-]+(?:\/[\w-]+)*\.ts)`/g;
  const files = ['src', 'test', 'scripts', 'bench'].flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true }).map((path) => `/${path}`),
  );

  it.each(pagePaths())('of %s are those of files', (path) => {
    const named = [...readPage(path).matchAll(NAME)].map(([, name = '']) => name);
    const isFile = (name: string) =>
      existsSync(`${ROOT}${name}`) || files.some((file) => file.endsWith(`/${name}`));
    expect(named.filter((name) => !isFile(name))).toEqual([]);
  });
});

describe('sections', () => {
  /** Headings directly before another one of the same level or above, or before the end. */
  function emptySections(page: string): string[] {
    const lines = page.replace(/^```[\s\S]*?^```$/gm, 'code').split('\n');
    const filled = lines.filter((line) => line.trim() !== '');
    const level = (line = '# '): number => /^#+ /.exec(line)?.[0].length ?? Number.POSITIVE_INFINITY;
    return filled.filter((line, at) => /^#+ /.test(line) && level(filled[at + 1]) <= level(line));
  }

  it.each(pagePaths())('of %s have something in them', (path) => {
    expect(emptySections(readPage(path))).toEqual([]);
  });

  it('with nothing in them are found', () => {
    expect(emptySections('# a\n\n## b\n\n## c\ntext\n# d\n')).toEqual(['## b', '# d']);
  });
});
