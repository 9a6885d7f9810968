import { toText } from '../subjects/index.ts';
import type { PermissionEntry } from './options.ts';

/** An entry of a permission as the configuration has it: `subject`, or `subject queue`. Without quotes. */
export function entryText({ subject, queue }: PermissionEntry): string {
  return queue === undefined ? toText(subject) : `${toText(subject)} ${toText(queue)}`;
}
