// Builds what is published: one ESM and one CommonJS bundle of the embedding API, the command, and the type
// declarations. Runs as the `prepare` step of `npm ci`, so that nothing is left to do after it.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { pruneDeclarations } from './declarations.mjs';

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

pruneDeclarations('dist/types', 'dist/types/index.d.ts');
