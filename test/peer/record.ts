/**
 * Measures the transcripts anew: plays every script on the real server and writes what came back into the files.
 * `NATS_SERVER=/path/to/nats-server npx tsx test/peer/record.ts [file.txt …]`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { play } from './play.ts';
import { parseTranscripts, printTranscript } from './script.ts';
import { scriptFiles } from './scripts.ts';
import { type RunningTarget, realServer } from './targets.ts';

const wanted = process.argv.slice(2);
for (const file of scriptFiles()) {
  if (wanted.length > 0 && !wanted.some((name) => file.endsWith(name))) continue;
  const text = readFileSync(file, 'utf8');
  const heading = text.slice(0, Math.max(0, text.indexOf('== ')));
  const servers = new Map<string, RunningTarget>();
  const parts: string[] = [];
  for (const transcript of parseTranscripts(text, file)) {
    if (transcript.only === 'bulkhead') {
      parts.push(
        printTranscript(
          transcript,
          transcript.blocks.map((block) => block.expected),
        ),
      );
      continue;
    }
    const server = servers.get(transcript.config) ?? (await realServer(transcript.config));
    servers.set(transcript.config, server);
    parts.push(printTranscript(transcript, await play(transcript, server, { patient: true })));
  }
  for (const server of servers.values()) await server.stop();
  writeFileSync(file, heading + parts.join('\n'));
}
