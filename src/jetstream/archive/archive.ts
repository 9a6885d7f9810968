import { StateError } from '../state/index.ts';
import type { StreamLoader } from '../state/stream-loader.ts';
import { PART, type PartKind, type StreamPart } from '../state/stream-parts.ts';
import { FIRST_FRAME, FOREIGN, FrameReader, framed } from './frames.ts';
import { TAR_END, TarReader, tarFile } from './tar.ts';

/** What the files of a backup are called, by kind of part; those of which there may be many are numbered. */
const FOLDERS = {
  [PART.stream]: 'stream',
  [PART.consumer]: 'consumers',
  [PART.stand]: 'stand',
  [PART.ids]: 'ids',
  [PART.messages]: 'messages',
  [PART.expiries]: 'expiries',
  [PART.schedules]: 'schedules',
  [PART.end]: 'end',
} as const satisfies Record<PartKind, string>;

const KIND_OF: ReadonlyMap<string, PartKind> = new Map(
  Object.entries(FOLDERS).map(([kind, folder]) => [folder, Number(kind) as PartKind]),
);

/** A name that {@link nameOf} gives. */
const NAME = /^([a-z]+)\/(\d{1,9})$/;

/** What nats-server's own backups begin with. */
const FOREIGN_NAMES = /^(meta\.inf|meta\.sum|msgs\/|obs\/)/;

/** The backup of a stream in pieces: a tar archive of its parts, in S2 frames. */
export function* backup(parts: Iterable<StreamPart>): Generator<Buffer, void> {
  yield FIRST_FRAME;
  let number = 0;
  for (const { kind, bytes } of parts) {
    for (const piece of tarFile(`${FOLDERS[kind]}/${number++}`, bytes)) yield* framed(piece);
  }
  yield* framed(TAR_END);
}

/** Reads a backup that comes in pieces, and hands its parts to a loader. Nothing but those parts can be in it. */
export class BackupReader {
  readonly #frames: FrameReader;
  readonly #tar: TarReader;
  readonly #loader: StreamLoader;

  constructor(loader: StreamLoader) {
    this.#loader = loader;
    this.#tar = new TarReader({
      begin: (name) => void kindOf(name),
      file: (name, bytes) => loader.take(kindOf(name), bytes),
    });
    this.#frames = new FrameReader((data) => this.#tar.push(data));
  }

  /** Bytes held besides messages that are stored already. */
  get held(): number {
    return this.#tar.held + this.#loader.held;
  }

  /** @throws StateError or JsError */
  push(bytes: Buffer): void {
    this.#frames.push(bytes);
  }

  /** @throws StateError when something is missing. */
  end(): void {
    if (!this.#frames.isBetween || !this.#tar.isAtEnd)
      throw new StateError('corrupt input, it ends too early');
  }
}

function kindOf(name: string): PartKind {
  const kind = KIND_OF.get(NAME.exec(name)?.[1] ?? '');
  if (kind !== undefined) return kind;
  throw new StateError(FOREIGN_NAMES.test(name) ? FOREIGN : 'unexpected content');
}
