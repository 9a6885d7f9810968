import { writeFileSync } from 'node:fs';

/** Writes the process id, without a line end, for its user and group. @throws the system's error. */
export function writePidFile(path: string): void {
  writeFileSync(path, String(process.pid), { mode: 0o660 });
}
