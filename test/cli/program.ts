import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { BULKHEAD, ROOT } from '../built.ts';

/** Runs the command to its end. */
export function bulkhead(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BULKHEAD, ...words], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 15_000,
  });
  return { status, stdout, stderr };
}

/** A file in a folder of its own, which goes when the test is over. */
export function fileWith(text: string, name = 'bulkhead.conf'): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A server in a process of its own, killed when the test is over. */
export class Program {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  log = '';
  stdout = '';
  #wake: () => void = () => undefined;
  /** The process has ended and all that it wrote has been read: the end is seen before its last lines. */
  #closed = false;

  private constructor(command: string, words: readonly string[], env: NodeJS.ProcessEnv) {
    this.process = spawn(command, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr.on('data', (chunk: Buffer) => {
      this.log += chunk.toString();
      this.#wake();
    });
    this.process.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.process.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
    onTestFinished(async () => void (await this.end('SIGKILL')));
  }

  /** Starts the command and waits until it serves. */
  static async serving(...words: string[]): Promise<Program> {
    return Program.of(process.execPath, [BULKHEAD, ...words]);
  }

  static async of(command: string, words: readonly string[], env = process.env): Promise<Program> {
    const program = Program.start(command, words, env);
    await program.logged(/Server is ready/);
    return program;
  }

  static start(command: string, words: readonly string[], env = process.env): Program {
    return new Program(command, words, env);
  }

  get port(): number {
    return Number(/Listening for client connections on \S+:(\d+)/.exec(this.log)?.[1]);
  }

  /** Waits for log text. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.log);
      if (found !== null) return found;
      if (this.#closed) throw new Error(`ended with ${this.process.exitCode}\n${this.log}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @returns the exit code; null when the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
    return this.process.exitCode;
  }
}
