import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './pages.ts';

/** Copied, because they find dist/ beside themselves; the rest of the checkout is linked. */
const COPIED = ['bin', 'examples', 'package.json'];
const NOT_LINKED = [...COPIED, 'dist', '.git'];

/** A program that was started, and what it wrote. */
export interface Started {
  readonly process: ChildProcess;
  /** Standard output and standard error, as they came. */
  output(): string;
  /** Resolves when the output holds this text; rejects when the program ends without it. */
  until(text: string): Promise<void>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** Ends it and what it started. */
  kill(): void;
}

/** The checkout as a newcomer has it after `npm ci`, built from the sources as they are now. */
export class Checkout {
  readonly folder = mkdtempSync(join(tmpdir(), 'bulkhead-docs-'));
  readonly #started: Started[] = [];

  static async make(): Promise<Checkout> {
    const checkout = new Checkout();
    const { folder } = checkout;
    for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    for (const name of readdirSync(ROOT)) {
      if (!NOT_LINKED.includes(name)) symlinkSync(join(ROOT, name), join(folder, name));
    }
    await buildInto(join(folder, 'dist'));
    return checkout;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Runs a line of a shell. */
  shell(line: string): Started {
    const child = spawn('bash', ['-c', line], { cwd: this.folder, detached: true, stdio: 'pipe' });
    const started = watch(child);
    this.#started.push(started);
    return started;
  }

  remove(): void {
    for (const started of this.#started) started.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function buildInto(outdir: string): Promise<void> {
  await build({
    entryPoints: { index: `${ROOT}src/index.ts`, cli: `${ROOT}src/cli/main.ts` },
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    splitting: true,
    external: ['@node-rs/bcrypt', 'pino', 'fast-check'],
    banner: {
      js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);",
    },
    logLevel: 'error',
  });
}

function watch(child: ChildProcess): Started {
  let output = '';
  const waiting = new Set<() => void>();
  const tell = (): void => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      tell();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!output.includes(text)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then((code) => reject(new Error(`ended with ${code} without "${text}":\n${output}`)));
    });
  return { process: child, output: () => output, until, ended, kill: () => killGroup(child) };
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
