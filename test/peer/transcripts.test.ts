import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { play } from './play.ts';
import { printTranscript } from './script.ts';
import { byConfig, transcriptsOf } from './scripts.ts';
import { overTcp, type RunningTarget, realBinary, realServer } from './targets.ts';

realBinary();

/** Both servers play every script over TCP; where they do not differ on purpose, their transcripts are the same. */
for (const [config, transcripts] of byConfig([...transcriptsOf('real'), ...onlyOurs()])) {
  describe(config === '' ? 'the empty configuration' : config, () => {
    let real: RunningTarget;
    let ours: RunningTarget;

    beforeAll(async () => {
      real = await realServer(config);
      ours = await overTcp(config);
    });
    afterAll(async () => {
      await real?.stop();
      await ours?.stop();
    });

    for (const transcript of transcripts) {
      test(`${transcript.file}: ${transcript.name}${transcript.only ? ` (${transcript.only} only)` : ''}`, async () => {
        const measured = transcript.blocks.map((block) => block.expected);
        if (transcript.only === 'bulkhead') {
          const answered = await play(transcript, ours);
          expect(printTranscript(transcript, answered)).toBe(printTranscript(transcript, measured));
          return;
        }
        const [theirs, answered] = await Promise.all([
          play(transcript, real),
          transcript.only === 'real' ? undefined : play(transcript, ours),
        ]);
        const reference = printTranscript(transcript, theirs);
        if (answered !== undefined) expect(printTranscript(transcript, answered)).toBe(reference);
        expect(reference, 'the real server no longer answers as measured').toBe(
          printTranscript(transcript, measured),
        );
      });
    }
  });
}

function onlyOurs(): ReturnType<typeof transcriptsOf> {
  return transcriptsOf('bulkhead').filter(({ only }) => only === 'bulkhead');
}
