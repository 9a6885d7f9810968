import { limits } from '../../base/index.ts';
import {
  isLiteral,
  isValidSubject,
  overlaps,
  SubjectTransform,
  TransformError,
  toBytes,
} from '../../subjects/index.ts';
import { type JsError, type JsErrorName, jsError } from '../errors.ts';
import { invalidConfig } from '../stream/stream-name.ts';
import type { StreamConfig } from '../stream/stream-schema.ts';
import { patternsOf, type SourceConfig } from './source-config.ts';
import { SourceKey } from './source-header.ts';

/** The errors of mirrors and those of sources say the same in other words. */
interface Complaints {
  readonly name: JsErrorName;
  readonly filters: JsErrorName;
  readonly pattern: JsErrorName;
  readonly destination: JsErrorName;
  readonly overlap: JsErrorName;
  readonly consumer: JsErrorName;
}

const OF_MIRROR: Complaints = {
  name: 'JSMirrorInvalidStreamName',
  filters: 'JSMirrorMultipleFiltersNotAllowed',
  pattern: 'JSMirrorInvalidSubjectFilter',
  destination: 'JSMirrorInvalidTransformDestination',
  overlap: 'JSMirrorOverlappingSubjectFilters',
  consumer: 'JSMirrorDurableConsumerCfgInvalid',
};

const OF_SOURCE: Complaints = {
  name: 'JSSourceInvalidStreamName',
  filters: 'JSSourceMultipleFiltersNotAllowed',
  pattern: 'JSSourceInvalidSubjectFilter',
  destination: 'JSSourceInvalidTransformDestination',
  overlap: 'JSSourceOverlappingSubjectFilters',
  consumer: 'JSSourceDurableConsumerCfgInvalid',
};

/** @throws JsError where a stream's mirror is none (order, codes and texts of 2.14.5, measured). */
export function checkMirrorSource({ mirror }: StreamConfig): void {
  if (mirror === undefined) return;
  checkTransforms(mirror, OF_MIRROR);
  checkSource(mirror, OF_MIRROR);
  checkFilter(mirror, 'for the mirror');
}

/** @throws JsError where a stream's sources are none. */
export function checkSources({ sources = [], allow_msg_schedules: schedules }: StreamConfig): void {
  if (sources.length > limits.MAX_ASSET_SUBJECTS) throw invalidConfig('too many sources');
  const transforms = sources.reduce((sum, { subject_transforms: own = [] }) => sum + own.length, 0);
  if (transforms > limits.MAX_ASSET_SUBJECTS) throw tooManyTransforms();
  const seen = new Set<string>();
  for (const source of sources) {
    checkTransforms(source, OF_SOURCE);
    checkSource(source, OF_SOURCE);
    const { text } = new SourceKey(source);
    if (seen.has(text)) throw jsError('JSSourceDuplicateDetected');
    seen.add(text);
  }
  if (sources.length > 0 && schedules === true) throw jsError('JSSourceWithMsgSchedulesErr');
  for (const source of sources) checkFilter(source, 'for the source:');
}

function tooManyTransforms(): JsError {
  return invalidConfig('too many subject transforms');
}

function checkTransforms(source: SourceConfig, complaints: Complaints): void {
  const { subject_transforms: transforms = [], filter_subject: filter } = source;
  if (transforms.length > limits.MAX_ASSET_SUBJECTS) throw tooManyTransforms();
  if (filter !== undefined && transforms.length > 0) throw jsError(complaints.filters);
  for (const { src, dest } of transforms) {
    if (src !== '' && !isValidSubject(toBytes(src))) {
      throw jsError(complaints.pattern, { err: `invalid subject ${src}` });
    }
    if (dest !== '') checkDestination(src, dest, complaints);
  }
  const patterns = transforms.length < 2 ? [] : patternsOf(source).map(toBytes);
  for (const [at, pattern] of patterns.entries()) {
    const clashes = patterns.some((other, before) => before < at && overlaps(other, pattern));
    if (clashes) throw jsError(complaints.overlap);
  }
}

function checkDestination(src: string, dest: string, complaints: Complaints): void {
  try {
    SubjectTransform.parse(toBytes(src === '' ? '>' : src), toBytes(dest));
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    throw jsError(complaints.destination, { err: error.message });
  }
}

function checkSource(source: SourceConfig, complaints: Complaints): void {
  if (source.name === '' || /[.*>\s/\\]/.test(source.name)) throw jsError(complaints.name);
  checkExternal(source);
  checkConsumer(source, complaints);
}

const LOCAL_API = '$JS.API';

function checkExternal({ external }: SourceConfig): void {
  if (external === undefined) return;
  const { api, deliver } = external;
  if (deliver !== '' && !isLiteralSubject(deliver)) {
    throw jsError('JSStreamInvalidExternalDeliverySubjErrF', { prefix: deliver });
  }
  if (api !== '' && !isLiteralSubject(api)) {
    throw invalidConfig(
      `stream external api prefix ${JSON.stringify(api)} must be a valid subject without wildcards`,
    );
  }
  if (api === LOCAL_API) throw jsError('JSStreamExternalApiOverlapErrF', { prefix: api, subject: LOCAL_API });
}

/** Where a consumer is there already, it alone says what comes, and from where on. */
function checkConsumer(source: SourceConfig, complaints: Complaints): void {
  const { consumer } = source;
  if (consumer === undefined) return;
  const isNamed = consumer.name !== '' && !/[.*>\s/\\]/.test(consumer.name);
  const startsElsewhere = source.opt_start_seq !== undefined || source.opt_start_time !== undefined;
  const isWhole = source.filter_subject === undefined && !startsElsewhere;
  if (!isNamed || !isLiteralSubject(consumer.deliver_subject) || !isWhole) throw jsError(complaints.consumer);
}

/** Measured: asked last, when the stream is made. */
function checkFilter({ filter_subject: filter }: SourceConfig, whose: string): void {
  if (filter === undefined || isValidSubject(toBytes(filter))) return;
  throw jsError('JSStreamCreateErrF', { err: `subject filter '${filter}' ${whose} invalid subject` });
}

function isLiteralSubject(subject: string): boolean {
  const bytes = toBytes(subject);
  return isValidSubject(bytes) && isLiteral(bytes);
}
