import type { DistinguishedName, NamePart } from './distinguished-name.ts';

/** A distinguished name as people write it (RFC 4514), last part first; with every attribute, also one that stands twice. */
export function distinguishedNameText(name: DistinguishedName): string {
  return [...name]
    .reverse()
    .map((part) => part.map(attributeText).join('+'))
    .join(',');
}

function attributeText({ type, value }: NamePart): string {
  const inner = value
    .replace(/[,+"\\<>;]/g, '\\$&')
    // Control characters end no line of a log.
    .replace(/[\u0000-\u001f\u007f]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${type}=${inner.replace(/^[ #]/, '\\$&').replace(/(?<!\\) $/, '\\ ')}`;
}
