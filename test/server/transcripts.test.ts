import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cut, play } from '../peer/play.ts';
import { printTranscript, type Transcript } from '../peer/script.ts';
import { byConfig, transcriptsOf } from '../peer/scripts.ts';
import { inProcess, type RunningTarget } from '../peer/targets.ts';

/**
 * What the real server answered when it was measured is what Bulkhead answers, however the bytes arrive. `test:peer`
 * plays the same scripts side by side with the real server.
 */
const WAYS: readonly (readonly [string, Cut | undefined])[] = [
  ['in one piece', undefined],
  ['byte by byte', (bytes) => Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))],
  ['in pieces of seven bytes', (bytes) => pieces(bytes, 7)],
];

function pieces(bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

/** Scripts that wait, and those with very long lines, are played in one piece only. */
function isSlow({ blocks }: Transcript): boolean {
  return blocks.some(
    ({ action }) => action.kind === 'wait' || (action.kind === 'send' && action.bytes.length > 1_000),
  );
}

for (const [config, transcripts] of byConfig(transcriptsOf('bulkhead'))) {
  describe(config === '' ? 'the empty configuration' : config, () => {
    for (const [way, cut] of WAYS) {
      const played =
        cut === undefined ? transcripts : transcripts.filter((transcript) => !isSlow(transcript));
      if (played.length === 0) continue;
      describe(way, () => {
        let server: RunningTarget;

        beforeAll(async () => {
          server = await inProcess(config);
        });
        afterAll(() => server?.stop());

        for (const transcript of played) {
          test(transcript.name, async () => {
            const observed = await play(transcript, server, cut === undefined ? {} : { cut });
            const expected = transcript.blocks.map((block) => block.expected);
            expect(printTranscript(transcript, observed)).toBe(printTranscript(transcript, expected));
          });
        }
      });
    }
  });
}
