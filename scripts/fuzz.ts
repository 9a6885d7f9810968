/** `npm run fuzz:<id> -- [options]`: runs a fuzzer; see `--help`. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { fuzz } from '../src/cli/fuzz.ts';
import { startServer } from '../src/index.ts';

const MAX_SEED = 1_000_000_000;

process.exitCode = await fuzz(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  start: startServer,
  certificates: fileURLToPath(new URL('../test/certs', import.meta.url)),
  drawSeed: () => randomInt(MAX_SEED),
});
