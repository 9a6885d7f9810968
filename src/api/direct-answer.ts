import { ByteWriter, formatInstant, LastView, type Viewed } from '../base/index.ts';
import type { MessageView } from '../jetstream/index.ts';
import type { ByteString } from '../subjects/index.ts';

/** Bytes kept ready for answers; a longer one gets a buffer of its own. */
const USUAL_BYTES = 16 * 1024;
/** More than the names of the header lines and their numbers take. */
const LINES_BYTES = 160;

const source = new LastView();

/**
 * A stored message as direct requests are answered with it: its own header block with the lines that say where it
 * stands, and its payload behind it. One object writes them all; what it holds is good until the next one.
 */
export class DirectAnswer {
  readonly #writer = new ByteWriter(USUAL_BYTES);
  /** Where the header block ends. */
  payloadStart = 0;

  /** Header block and payload, from the first byte on. */
  get bytes(): Viewed {
    return this.#writer;
  }

  get end(): number {
    return this.#writer.end;
  }

  /** @param more further header lines, each with its line end. */
  write(view: MessageView, stream: ByteString, more = ''): void {
    const writer = this.#writer;
    writer.begin(view.size + stream.length + view.subject.length + more.length + LINES_BYTES);
    if (view.hasHeader) writer.copy(source.of(view.buffer), view.headerStart, view.payloadStart - 2);
    else writer.text('NATS/1.0\r\n');
    writer.text('Nats-Stream: ');
    writer.text(stream);
    writer.text('\r\nNats-Subject: ');
    writer.text(view.subject);
    writer.text('\r\nNats-Sequence: ');
    writer.number(view.seq);
    writer.text('\r\nNats-Time-Stamp: ');
    writer.text(formatInstant(view));
    writer.text('\r\n');
    writer.text(more);
    writer.text('\r\n');
    this.#addPayload(view);
  }

  /** The payload alone. */
  writeBare(view: MessageView): void {
    this.#writer.begin(view.size);
    this.#addPayload(view);
  }

  #addPayload(view: MessageView): void {
    this.payloadStart = this.#writer.end;
    this.#writer.copy(source.of(view.buffer), view.payloadStart, view.end);
  }
}
