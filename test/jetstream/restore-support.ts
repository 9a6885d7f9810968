import { maskedCrc } from '../../src/jetstream/archive/crc32c.ts';
import type { Restored } from '../../src/jetstream/archive/restore.ts';
import type { ConsumerConfigInput } from '../../src/jetstream/consumer/consumer-config.ts';
import type { JetStream } from '../../src/jetstream/jetstream.ts';
import type { StreamConfig, StreamConfigInput } from '../../src/jetstream/stream/stream-schema.ts';
import { type ByteString, toText } from '../../src/subjects/index.ts';
import { Account } from './fixtures-support.ts';
import { TestSink } from './support.ts';

const S = 'S' as ByteString;

/**
 * The backup of an account's stream `S`, by way of chunks and acknowledgements, one at a time.
 * @param meanwhile called for each chunk before it is acknowledged.
 */
export function backupOf(
  { jetstream, env }: Account,
  chunkSize = 0,
  meanwhile: () => void = () => undefined,
  withConsumers = true,
): Buffer {
  const sink = new TestSink('to.me');
  // Nothing is sent before somebody listens.
  const listener = env.listen('to.me');
  jetstream.transfers.snapshot(S, { withConsumers, chunkSize, windowSize: 1 }, sink, {});
  const chunks: Buffer[] = [];
  for (;;) {
    env.drain();
    for (const { payload, reply } of sink.seen.splice(0)) {
      if (payload === '') {
        listener.close();
        return Buffer.concat(chunks);
      }
      meanwhile();
      chunks.push(Buffer.from(payload, 'latin1'));
      const [, , , , id = '', , number = ''] = reply.split('.');
      if (reply !== '') jetstream.transfers.acknowledge(S, id as ByteString, Number(number));
    }
  }
}

export function begin(jetstream: JetStream, config: StreamConfigInput, name: ByteString = S): ByteString {
  return jetstream.transfers.restore(
    name,
    config,
    {},
    (json) => JSON.parse(toText(json)) as ConsumerConfigInput,
  );
}

/** Uploads a backup. @returns how it ended; an error's text. */
export function restore(
  { jetstream, env }: Account,
  config: StreamConfigInput | StreamConfig,
  backup: Buffer,
  chunkSize = 50_000,
): string | 'restored' {
  let outcome: Restored | undefined;
  try {
    const id = begin(jetstream, config as StreamConfigInput);
    const upload = jetstream.transfers.restoring(S, id);
    for (let at = 0; at < backup.length; at += chunkSize) upload?.take(backup.subarray(at, at + chunkSize));
    upload?.finish((how) => {
      outcome = how;
    });
    env.drain();
  } catch (error) {
    return (error as Error).message;
  }
  if (outcome === undefined) return 'nothing';
  return 'error' in outcome ? outcome.error.message : 'restored';
}

/** An account without anything, at the same time as another one. */
export function emptyAt({ env }: Account): Account {
  const other = new Account();
  other.env.clock.ms = env.clock.ms;
  return other;
}

/** Puts data into frames as a backup has them, with right checksums. */
export function reframed(data: Buffer): Buffer {
  const frames: Buffer[] = [Buffer.from('ff060000', 'hex'), Buffer.from('S2sTwO', 'latin1')];
  for (let at = 0; at < data.length; at += 65_536) {
    const piece = data.subarray(at, at + 65_536);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(1 | ((piece.length + 4) << 8), 0);
    head.writeUInt32LE(maskedCrc(piece), 4);
    frames.push(head, piece);
  }
  return Buffer.concat(frames);
}

/** The data in the frames of a backup. */
export function unframed(backup: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 10; at < backup.length; ) {
    const length = backup.readUIntLE(at + 1, 3);
    pieces.push(backup.subarray(at + 8, at + 4 + length));
    at += 4 + length;
  }
  return Buffer.concat(pieces);
}

/** A tar entry with a right checksum. */
export function tarEntry(name: string, bytes: Buffer, kind = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'latin1');
  header.write('0000600\0', 100);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write(kind, 156);
  header.write('ustar\x0000', 257);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
