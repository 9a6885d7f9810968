// Keeps of the type declarations what the package's own one refers to, directly or not, and drops the rest: what is
// nobody's business outside would be a fifth of the package.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REFERENCE = /(?:import|export)\s+(?:type\s+)?(?:\{([^}]*)\}|\* as (\w+))\s+from\s+'(\.[^']+)';?\n?/g;
const INLINE = /import\('(\.[^']+)'\)/g;

function target(file, specifier) {
  return resolve(file, '..', specifier.replace(/\.ts$/, '.d.ts'));
}

/** The names in `{ a, type b as c }`, or in `* as d`: what each is called over there, and here. */
function namesIn(list, whole) {
  if (whole !== undefined) return [{ text: `* as ${whole}`, there: '*', here: whole }];
  return list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((text) => {
      const [there, here = there] = text.replace(/^type /, '').split(/\s+as\s+/);
      return { text, there, here };
    });
}

/** A file that only hands on what others declare: of it the names that nobody needs can go. */
function isDoor(text) {
  return (
    text
      .replace(REFERENCE, '')
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .trim() === ''
  );
}

/** @returns the names needed of each file, `*` where all of them are. */
function neededFrom(entry) {
  const needed = new Map();
  const waiting = [{ file: resolve(entry), names: ['*'] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file } = next;
    const text = readFileSync(file, 'utf8');
    const known = needed.get(file) ?? new Set();
    const fresh = (isDoor(text) ? next.names : ['*']).filter((name) => !known.has(name) && !known.has('*'));
    if (fresh.length === 0) continue;
    needed.set(file, new Set([...known, ...fresh]));
    for (const [, list, whole, specifier] of text.matchAll(REFERENCE)) {
      const wanted = namesIn(list, whole).filter(({ here }) => fresh.includes('*') || fresh.includes(here));
      if (wanted.length > 0)
        waiting.push({ file: target(file, specifier), names: wanted.map(({ there }) => there) });
    }
    for (const [, specifier] of text.matchAll(INLINE))
      waiting.push({ file: target(file, specifier), names: ['*'] });
  }
  return needed;
}

/** Removes from `folder` what `entry` does not need. */
export function pruneDeclarations(folder, entry) {
  const needed = neededFrom(entry);
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = resolve(join(folder, name));
    if (!file.endsWith('.d.ts')) continue;
    const names = needed.get(file);
    if (names === undefined) rmSync(file);
    else if (!names.has('*')) narrow(file, names);
  }
}

/** Leaves of a door the names that are needed. */
function narrow(file, names) {
  const text = readFileSync(file, 'utf8').replace(REFERENCE, (statement, list, whole) => {
    const kept = namesIn(list, whole).filter(({ here }) => names.has(here));
    if (kept.length === 0 || list === undefined) return kept.length === 0 ? '' : statement;
    return statement.replace(list, ` ${kept.map(({ text }) => text).join(', ')} `);
  });
  writeFileSync(file, text);
}
