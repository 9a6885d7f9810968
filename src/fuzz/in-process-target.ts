import type { Duplex } from 'node:stream';
import type { ControlId } from '../guard/index.ts';
import { turn } from './patience.ts';
import type { AuditRecord, Session, Target } from './target.ts';
import { type World, worldConfig } from './world.ts';

/** The part of a started server that the fuzzers use. */
export interface EmbeddedServer {
  socket(): Duplex;
  readonly clock: { advance(time: number | string): Promise<void> };
  reload(config: string): Promise<unknown>;
  stop(): Promise<void>;
  auditRecords(): readonly AuditRecord[];
}

export interface EmbeddedOptions {
  readonly config: string;
  readonly port: null;
  readonly clock: 'manual';
  readonly seed: string;
  readonly lab?: { readonly controlsOff: readonly ControlId[] };
}

export type StartEmbedded = (options: EmbeddedOptions) => Promise<EmbeddedServer>;

/** Bulkhead inside this process: a fresh server per session, a clock that stands still, and chance from a seed. */
export class InProcessTarget implements Target {
  readonly name = 'in process';
  readonly exact = true;
  readonly #start: StartEmbedded;
  readonly #controlsOff: readonly ControlId[];

  constructor(start: StartEmbedded, controlsOff: readonly ControlId[] = []) {
    this.#start = start;
    this.#controlsOff = controlsOff;
  }

  async start(world: World): Promise<Session> {
    const options: EmbeddedOptions = {
      config: worldConfig(world),
      port: null,
      clock: 'manual',
      seed: 'fuzz',
    };
    const lab = this.#controlsOff.length === 0 ? {} : { lab: { controlsOff: this.#controlsOff } };
    return new InProcessSession(await this.#start({ ...options, ...lab }));
  }

  async stop(): Promise<void> {}
}

/** Turns of the event loop after which an in-process server has read and written everything. */
const SETTLE_TURNS = 3;

class InProcessSession implements Session {
  readonly patienceMs = 0;
  readonly #server: EmbeddedServer;

  constructor(server: EmbeddedServer) {
    this.#server = server;
  }

  async socket(): Promise<Duplex> {
    return this.#server.socket();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < SETTLE_TURNS; i++) await turn();
  }

  advance(ms: number): Promise<void> {
    return this.#server.clock.advance(ms);
  }

  async reload(world: World): Promise<void> {
    await this.#server.reload(worldConfig(world));
  }

  audit(): readonly AuditRecord[] {
    return this.#server.auditRecords();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}
