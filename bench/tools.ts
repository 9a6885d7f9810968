import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOADGEN_DIR = fileURLToPath(new URL('loadgen/', import.meta.url));
const LOADGEN = join(LOADGEN_DIR, 'loadgen');

/** Programs that a run needs, found before anything is started. */
export interface Tools {
  readonly taskset: string;
  readonly peer: string;
  readonly loadgen: string;
}

/** Looks for everything a run needs. Throws one error that names all that is missing and how to get it. */
export function findTools(peer: string): Tools {
  const missing: string[] = [];
  const need = (name: string, how: string): string => {
    const path = findProgram(name);
    if (path === undefined) missing.push(`${name}: ${how}`);
    return path ?? name;
  };
  if (process.platform !== 'linux') missing.push('Linux: CPU time is read from /proc, pinning is by taskset');
  if (availableParallelism() < 2) missing.push('two cores: one for the server, one for the load generator');
  const taskset = need('taskset', 'install the package util-linux');
  const found = need(
    peer,
    'go install github.com/nats-io/nats-server/v2@v2.14.5, then put it on the PATH or give --peer PATH',
  );
  const stale = loadgenIsStale();
  if (stale) need('go', 'install Go 1.26 or later (it builds the load generator, once)');
  if (missing.length > 0) throw new Error(`the benchmark cannot run, it lacks\n  ${missing.join('\n  ')}`);
  if (stale) buildLoadgen();
  return { taskset, peer: found, loadgen: LOADGEN };
}

/** The path of a program: itself if it has a slash, else the first match on the PATH. */
function findProgram(name: string): string | undefined {
  const folders = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => (folder === '' ? name : join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function loadgenIsStale(): boolean {
  if (!existsSync(LOADGEN)) return true;
  const built = statSync(LOADGEN).mtimeMs;
  return readdirSync(LOADGEN_DIR).some((file) => statSync(join(LOADGEN_DIR, file)).mtimeMs > built);
}

function buildLoadgen(): void {
  process.stderr.write('building the load generator\n');
  execFileSync('go', ['build', '-o', LOADGEN, '.'], { cwd: LOADGEN_DIR, stdio: 'inherit', timeout: 300_000 });
}
