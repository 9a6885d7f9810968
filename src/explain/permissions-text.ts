import { formatDuration } from '../base/index.ts';
import {
  entryText,
  type PermissionEntry,
  type PermissionsOptions,
  type ResponsePermission,
  type SubjectPermission,
} from '../config/index.ts';

const NS_PER_MS = 1e6;

/** A user's permissions as text of the configuration language, to be pasted into the user's entry. */
export function permissionsText({ publish, subscribe, responses }: PermissionsOptions): string {
  const lines = [
    ...(publish === undefined ? [] : [`publish: ${sideText(publish)}`]),
    ...(subscribe === undefined ? [] : [`subscribe: ${sideText(subscribe)}`]),
    ...(responses === undefined ? [] : [`allow_responses: ${responsesText(responses)}`]),
  ];
  return lines.length === 0
    ? 'permissions: {}'
    : `permissions: {\n${lines.map((line) => `  ${line}\n`).join('')}}`;
}

function sideText({ allow, deny }: SubjectPermission): string {
  const parts = [
    ...(allow === undefined ? [] : [`allow: ${listText(allow)}`]),
    ...(deny === undefined ? [] : [`deny: ${listText(deny)}`]),
  ];
  return `{ ${parts.join(', ')} }`;
}

function listText(entries: readonly PermissionEntry[]): string {
  return `[${entries.map((entry) => quotedWord(entryText(entry))).join(', ')}]`;
}

function responsesText({ max, expiresMs }: ResponsePermission): string {
  return `{ max: ${max}, expires: ${quotedWord(expiresMs < 0 ? '-1s' : formatDuration(expiresMs * NS_PER_MS))} }`;
}

/** A text in the quotes of the configuration language. */
export function quotedWord(text: string): string {
  return `"${text.replace(/["\\]/g, (char) => `\\${char}`)}"`;
}
