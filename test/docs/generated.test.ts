import { describe, expect, it } from 'vitest';
import { renderPages } from '../../scripts/docs.ts';
import { CONTROLS, RULES } from '../../src/guard/index.ts';
import { pagePaths, readPage } from './pages.ts';

describe('generated pages', () => {
  it.each(renderPages())('$path is fresh (npm run docs)', ({ current, fresh }) => {
    expect(current).toBe(fresh);
  });

  it('are all of the pages with generated parts', () => {
    const marked = pagePaths().filter((path) => readPage(path).includes('<!-- generated: '));
    const rendered = renderPages().map(({ path }) => path);
    expect(rendered).toEqual(expect.arrayContaining(marked));
  });

  it('name every rule and every control', () => {
    const model = readPage('docs/security-model.md');
    for (const id of [...Object.keys(RULES), ...Object.keys(CONTROLS)]) expect(model).toContain(`\`${id}\``);
  });
});
