import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The command. */
export const BULKHEAD = join(ROOT, 'bin', 'bulkhead');

const LOCK = join(ROOT, 'node_modules', '.bulkhead-build.lock');
/** A build takes seconds; who holds the lock longer is gone, ms. */
const LOCK_MS = 120_000;
const SOURCES = ['src', 'scripts/build.mjs', 'package.json', 'tsconfig.types.json'];

/** Builds the package unless dist is newer than its sources; one builder at a time. */
export function ensureBuilt(): void {
  while (!isFresh()) {
    if (!lock()) {
      sleep(100);
      continue;
    }
    try {
      if (!isFresh()) execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
    return;
  }
}

function isFresh(): boolean {
  const built = ['index.js', 'index.cjs', 'cli.js', 'types/index.d.ts'].map((file) =>
    modified(join('dist', file)),
  );
  return Math.min(...built) >= Math.max(...SOURCES.map(newest));
}

function newest(path: string): number {
  const found = statSync(join(ROOT, path));
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(...readdirSync(join(ROOT, path)).map((name) => newest(join(path, name))));
}

/** When a file was written; 0 when it is missing. */
function modified(path: string): number {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function lock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const held = statSync(LOCK, { throwIfNoEntry: false });
    if (held !== undefined && Date.now() - held.mtimeMs > LOCK_MS)
      rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
