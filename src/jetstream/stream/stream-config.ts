import { limits } from '../../base/index.ts';
import { toBytes } from '../../subjects/index.ts';
import { jsError } from '../errors.ts';
import { SERVER_LIMITS, type ServerLimits } from '../limits.ts';
import { checkRepublish, checkRepublishSource, checkSubjectTransform } from '../publish/subject-rewrites.ts';
import { checkMirrorSource, checkSources } from '../source/source-check.ts';
import { withDefaults } from './stream-defaults.ts';
import {
  checkCounter,
  checkMarkers,
  checkMirrorFeatures,
  checkPersistence,
  checkSchedules,
} from './stream-features.ts';
import { checkAge, checkDiscard, checkDuplicateWindow, checkSpelling } from './stream-limits.ts';
import { checkName, invalidConfig } from './stream-name.ts';
import type { StreamConfig, StreamConfigInput } from './stream-schema.ts';
import { checkSubjects } from './stream-subjects.ts';

const MAX_DESCRIPTION = 4096;
const MAX_METADATA = 128 * 1024;
const MAX_REPLICAS = 5;

/**
 * Checks a stream configuration and fills in the defaults, with the codes and texts of 2.14.5 (measured).
 * @param pedantic refuse what would otherwise be adjusted.
 * @throws JsError
 */
export function normalizeStreamConfig(
  input: StreamConfigInput,
  pedantic: boolean,
  server: ServerLimits = SERVER_LIMITS,
): StreamConfig {
  checkName(input.name ?? '');
  checkTexts(input);
  checkReplicas(input);
  checkSpelling(input, pedantic);
  const config = withDefaults(input, server);
  for (const check of CHECKS) check(config, input, pedantic, server);
  return config;
}

type Check = (
  config: StreamConfig,
  input: StreamConfigInput,
  pedantic: boolean,
  server: ServerLimits,
) => void;

/** What a configuration must satisfy, in the order in which 2.14.5 asks (measured pair by pair). */
const CHECKS: readonly Check[] = [
  checkAge,
  checkDuplicateWindow,
  checkRollup,
  checkFirstSequence,
  checkCounter,
  checkDiscard,
  checkMarkers,
  checkSchedules,
  checkPersistence,
  checkMirror,
  checkSources,
  checkSubjects,
  checkSubjectTransform,
  checkRepublishSource,
  checkRepublish,
  checkPlacement,
];

function checkTexts(input: StreamConfigInput): void {
  if (toBytes(input.description ?? '').length > MAX_DESCRIPTION) {
    throw invalidConfig(`stream description is too long, maximum allowed is ${MAX_DESCRIPTION}`);
  }
  let size = 0;
  for (const [key, value] of Object.entries(input.metadata ?? {})) {
    size += toBytes(key).length + toBytes(value).length;
  }
  if (size > MAX_METADATA)
    throw invalidConfig(`stream metadata exceeds maximum size of ${MAX_METADATA} bytes`);
}

function checkReplicas({ num_replicas: replicas = 0 }: StreamConfigInput): void {
  if (replicas < 0) throw jsError('JSReplicasCountCannotBeNegative');
  if (replicas > MAX_REPLICAS) throw invalidConfig(`maximum replicas is ${MAX_REPLICAS}`);
}

/** The numbers that follow have to stay exact ones. */
function checkFirstSequence({ first_seq: first = 0 }: StreamConfig): void {
  if (first > limits.MAX_SEQUENCE) throw invalidConfig(`first sequence is above ${limits.MAX_SEQUENCE}`);
}

function checkRollup(config: StreamConfig): void {
  if (config.deny_purge && config.allow_rollup_hdrs)
    throw invalidConfig('roll-ups require the purge permission');
}

/** A mirror is its origin's copy: it takes nothing from elsewhere and does nothing of its own. */
function checkMirror(config: StreamConfig): void {
  if (config.mirror === undefined) return;
  if (config.first_seq !== undefined) throw jsError('JSMirrorWithFirstSeqErr');
  if (config.subjects !== undefined) throw jsError('JSMirrorWithSubjectsErr');
  if (config.sources !== undefined) throw jsError('JSMirrorWithSourcesErr');
  checkMirrorFeatures(config);
  checkMirrorSource(config);
}

function checkPlacement(config: StreamConfig): void {
  if (config.placement?.preferred !== undefined) {
    throw invalidConfig('preferred server not permitted in placement');
  }
}

/**
 * What one server alone can not do. Measured: on creation asked after everything else about the configuration, on
 * update also after whether there is such a stream.
 * @throws JsError
 */
export function checkOneReplica({ num_replicas: replicas = 0 }: StreamConfigInput): void {
  if (replicas > 1) throw jsError('JSStreamReplicasNotSupportedErr');
}

/** Whether two normalized configurations say the same. */
export function sameConfig(a: StreamConfig, b: StreamConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
