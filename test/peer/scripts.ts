import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseTranscripts, type Transcript } from './script.ts';

const FOLDER = fileURLToPath(new URL('./scripts/', import.meta.url));

/** The files that hold transcripts. */
export function scriptFiles(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .map((name) => `${FOLDER}${name}`);
}

/** All transcripts of one server, measured on the real server 2.14.5; `record.ts` measures them anew. */
export function transcriptsOf(server: 'real' | 'bulkhead'): Transcript[] {
  return scriptFiles()
    .flatMap((file) => parseTranscripts(readFileSync(file, 'utf8'), file.slice(FOLDER.length)))
    .filter(({ only }) => only === undefined || only === server);
}

/** Transcripts by their configuration: one server serves all of a group. */
export function byConfig(transcripts: readonly Transcript[]): Map<string, Transcript[]> {
  const groups = new Map<string, Transcript[]>();
  for (const transcript of transcripts) {
    const group = groups.get(transcript.config);
    if (group === undefined) groups.set(transcript.config, [transcript]);
    else group.push(transcript);
  }
  return groups;
}
