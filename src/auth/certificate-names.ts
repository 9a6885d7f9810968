import { type DerElement, derElements, derOid, derOne, derText } from './der.ts';
import { ATTRIBUTE_TYPES, type DistinguishedName, type NamePart } from './distinguished-name.ts';

/** What a client's certificate calls its owner. The signature has been checked before. */
export interface CertificateNames {
  readonly emails: readonly string[];
  readonly hosts: readonly string[];
  readonly uris: readonly string[];
  /** Absent for an empty subject, and for one that has what is no text. */
  readonly subject?: DistinguishedName;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const OID = 0x06;
const OCTETS = 0x04;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const EMAIL = 0x81;
const HOST = 0x82;
const URI = 0x86;
const ALTERNATIVE_NAMES = '2.5.29.17';
/** The subject's place in a certificate of version 3, behind version, serial number, algorithm, issuer and validity. */
const SUBJECT_AT = 5;

const NO_NAMES: CertificateNames = { emails: [], hosts: [], uris: [] };

/**
 * Reads the names of a certificate from its DER, and not from a text that somebody made of it: there a name can look
 * like several.
 * @returns no names for what cannot be read.
 */
export function certificateNames(der: Buffer): CertificateNames {
  const certificate = derOne(der, SEQUENCE);
  const body = certificate === undefined ? undefined : derElements(certificate.content)?.[0];
  const fields = body?.tag === SEQUENCE ? derElements(body.content) : undefined;
  if (fields === undefined || fields[0]?.tag !== VERSION) return NO_NAMES;
  const subject = subjectOf(fields[SUBJECT_AT]);
  const alternatives = alternativesOf(fields.find(({ tag }) => tag === EXTENSIONS));
  const texts = (tag: number): string[] =>
    alternatives.filter((each) => each.tag === tag).map(({ content }) => content.toString('latin1'));
  return {
    emails: texts(EMAIL),
    hosts: texts(HOST),
    uris: texts(URI),
    ...(subject === undefined ? {} : { subject }),
  };
}

function subjectOf(field: DerElement | undefined): DistinguishedName | undefined {
  const sets = field?.tag === SEQUENCE ? derElements(field.content) : undefined;
  const parts = (sets ?? []).map((set) =>
    set.tag === SET ? derElements(set.content)?.map(partOf) : undefined,
  );
  const whole: NamePart[][] = [];
  for (const part of parts) {
    const attributes = part?.filter((attribute) => attribute !== undefined);
    if (part === undefined || attributes === undefined || attributes.length !== part.length) return undefined;
    whole.push(attributes);
  }
  return whole.length === 0 ? undefined : whole;
}

function partOf({ tag, content }: DerElement): NamePart | undefined {
  const [type, value] = tag === SEQUENCE ? (derElements(content) ?? []) : [];
  const oid = type?.tag === OID ? derOid(type.content) : undefined;
  const text = value === undefined ? undefined : derText(value);
  if (oid === undefined || text === undefined) return undefined;
  return { type: ATTRIBUTE_TYPES[oid] ?? oid, value: text };
}

function alternativesOf(field: DerElement | undefined): readonly DerElement[] {
  const list = field === undefined ? undefined : derOne(field.content, SEQUENCE);
  for (const extension of (list === undefined ? undefined : derElements(list.content)) ?? []) {
    const [id, ...rest] = derElements(extension.content) ?? [];
    if (id?.tag !== OID || derOid(id.content) !== ALTERNATIVE_NAMES) continue;
    const value = rest.find(({ tag }) => tag === OCTETS);
    const names = value === undefined ? undefined : derOne(value.content, SEQUENCE);
    return (names === undefined ? undefined : derElements(names.content)) ?? [];
  }
  return [];
}
