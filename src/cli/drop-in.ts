import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Prints the folder that holds this program under the name `nats-server`, to be put on the PATH. */
export function dropIn(): number {
  const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
  process.stdout.write(`${join(packageFolder, 'bin', 'drop-in')}\n`);
  return 0;
}
