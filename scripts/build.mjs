// Builds what is published: one ESM and one CommonJS bundle of the embedding API, the command, and the type
// declarations. Runs as the `prepare` step of `npm ci`, so that nothing is left to do after it.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: false,
  legalComments: 'none',
  // Loading time is mostly the time to read source text. Methods keep their names, for stack traces.
  minify: true,
  // Loaded when used: what is never configured costs no time at the start.
  external: ['@node-rs/bcrypt', 'ws'],
  logLevel: 'warning',
};

await Promise.all([
  build({
    ...common,
    entryPoints: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outdir: 'dist',
    // A CommonJS package inside an ES module bundle may ask for `require`.
    banner: {
      js: "import { createRequire as bulkheadRequire } from 'node:module'; const require = bulkheadRequire(import.meta.url);",
    },
  }),
  build({ ...common, entryPoints: ['src/index.ts'], format: 'cjs', outfile: 'dist/index.cjs' }),
]);

execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], {
  stdio: 'inherit',
});

/** Declarations that the package's own one refers to, directly or not. */
function neededDeclarations(entry) {
  const needed = new Set();
  const waiting = [resolve(entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (needed.has(file)) continue;
    needed.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      waiting.push(resolve(file, '..', path.replace(/\.ts$/, '.d.ts')));
  }
  return needed;
}

const needed = neededDeclarations('dist/types/index.d.ts');
for (const file of readdirSync('dist/types', { recursive: true })) {
  const path = resolve(join('dist/types', file));
  if (path.endsWith('.d.ts') && !needed.has(path)) rmSync(path);
}
