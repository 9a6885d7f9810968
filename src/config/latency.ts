import { toBytes } from '../subjects/index.ts';
import { LATENCY_KEYS } from './keys/doors.ts';
import type { LatencyOptions } from './options.ts';
import { type Findings, Refusal } from './problems.ts';
import { stringOf } from './read.ts';
import { readSection } from './section.ts';
import { type ConfigEntry, typeName } from './values.ts';

type Draft = { -readonly [K in keyof LatencyOptions]?: LatencyOptions[K] };

/** Requests that are measured where `sampling` is not given, percent. */
const ALL = 100;

/** Reads `latency` of a service export: a subject, or `{sampling, subject}`. */
export function readLatency(entry: ConfigEntry, findings: Findings): LatencyOptions {
  const draft: Draft = {};
  if (entry.value.kind === 'string') {
    draft.subject = toBytes(entry.value.value);
  } else if (entry.value.kind === 'map') {
    const handlers = {
      subject: (inner: ConfigEntry) => {
        draft.subject = toBytes(stringOf(inner.value));
      },
      sampling: (inner: ConfigEntry) => {
        draft.sampling = readSampling(inner);
      },
    };
    readSection(entry.value, LATENCY_KEYS, handlers, findings);
  } else {
    const got = typeName(entry.value.kind);
    throw new Refusal(entry.at, `Expected latency entry to be a map/struct or string, got ${got}`);
  }
  const { subject = toBytes(''), sampling = ALL } = draft;
  if (subject === '') throw new Refusal(entry.at, 'Latency subject required, but missing');
  return { subject, sampling, at: entry.at };
}

/** A number, a number with `%`, or `headers`. */
function readSampling(entry: ConfigEntry): number | 'headers' {
  const { value } = entry;
  if (value.kind === 'integer') return checkedPercent(value.value, entry);
  if (value.kind !== 'string') {
    const got = typeName(value.kind);
    throw new Refusal(entry.at, `Expected latency sample to be a string or map/struct, got ${got}`);
  }
  if (value.value.toLowerCase() === 'headers') return 'headers';
  const digits = value.value.replace(/%$/, '');
  if (/^[+-]?\d+$/.test(digits)) return checkedPercent(Number(digits), entry);
  const text = `strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`;
  throw new Refusal(entry.at, `Failed to parse latency sample: ${text}`);
}

function checkedPercent(percent: number, entry: ConfigEntry): number {
  if (percent >= 1 && percent <= 100) return percent;
  throw new Refusal(entry.at, 'bad sampling percentage, should be 1-100');
}
