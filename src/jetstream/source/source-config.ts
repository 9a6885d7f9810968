import { formatInstant, parseTime } from '../../base/index.ts';
import type { StreamConfigInput } from '../stream/stream-schema.ts';

/** Which subjects of an origin are taken, and what they become; an empty destination leaves them as they are. */
export interface SourceTransform {
  readonly src: string;
  readonly dest: string;
}

/** Where the messages of a mirror or a source come from, as replies show it: keys in the server's order. */
export interface SourceConfig {
  readonly name: string;
  readonly opt_start_seq?: number;
  readonly opt_start_time?: string;
  readonly filter_subject?: string;
  readonly subject_transforms?: readonly SourceTransform[];
  /** Prefixes under which another account's API, and what it delivers, are imported here. */
  readonly external?: { readonly api: string; readonly deliver: string };
  /** A durable consumer of the origin that was made beforehand. */
  readonly consumer?: { readonly name: string; readonly deliver_subject: string };
}

type SourceInput = NonNullable<StreamConfigInput['mirror']>;

/** A mirror or source as it was asked for, what says nothing left out. */
export function sourceOf(input: SourceInput): SourceConfig {
  const { opt_start_seq: seq = 0, opt_start_time: time, filter_subject: filter = '' } = input;
  const transforms = input.subject_transforms ?? [];
  const { external, consumer } = input;
  return {
    name: input.name ?? '',
    ...(seq > 0 ? { opt_start_seq: seq } : {}),
    ...(time === undefined ? {} : { opt_start_time: normalTime(time) }),
    ...(filter === '' ? {} : { filter_subject: filter }),
    ...(transforms.length === 0 ? {} : { subject_transforms: transforms.map(transformOf) }),
    ...(external ? { external: { api: external.api ?? '', deliver: external.deliver ?? '' } } : {}),
    ...(consumer
      ? { consumer: { name: consumer.name ?? '', deliver_subject: consumer.deliver_subject ?? '' } }
      : {}),
  };
}

function transformOf({ src = '', dest = '' }: { src?: string; dest?: string }): SourceTransform {
  return { src, dest };
}

function normalTime(text: string): string {
  const at = parseTime(text);
  return at === undefined ? text : formatInstant(at);
}

/** The mirror and the sources of a stream configuration; the keys that are absent say nothing. */
export function sourcesOf({ mirror, sources }: StreamConfigInput): {
  readonly mirror?: SourceConfig;
  readonly sources?: readonly SourceConfig[];
} {
  return {
    ...(mirror ? { mirror: sourceOf(mirror) } : {}),
    ...(sources && sources.length > 0 ? { sources: sources.map(sourceOf) } : {}),
  };
}

/** The patterns that an origin's subjects have to match one of; none: all are taken. */
export function patternsOf({
  filter_subject: filter,
  subject_transforms: transforms,
}: SourceConfig): string[] {
  if (transforms !== undefined) return transforms.map(({ src }) => (src === '' ? '>' : src));
  return filter === undefined ? [] : [filter];
}

/** Whether an origin is in the same account: it is named as it is, or by way of the domain that this server is. */
export function isLocal({ external }: SourceConfig, domain: string): boolean {
  if (external === undefined || external.api === '') return true;
  return domain !== '' && external.api === `$JS.${domain}.API`;
}
