import type { Static } from 'typebox';
import { ZERO_TIME } from '../base/index.ts';
import {
  type Consumer,
  type ConsumerConfigInput,
  createConsumer,
  jsError,
  pauseConsumer,
} from '../jetstream/index.ts';
import { type ByteString, toText } from '../subjects/index.ts';
import { type Endpoint, endpoint, type ResponseBody, SILENT } from './endpoint.ts';
import { LIST_PAGE, NAMES_PAGE, NO_PAGE, pageOf } from './paging.ts';
import { pullAs, pullFrom } from './pull.ts';
import {
  jsonDecoded,
  jsonOptions,
  jsonPlain,
  jsonPlainOptions,
  payloadEmpty,
  payloadRaw,
} from './request-rule.ts';
import {
  ConsumerCreateRequest,
  ConsumersRequest,
  PauseRequest,
  ResetRequest,
  UnpinRequest,
} from './schemas.ts';
import type { AccountContext, House } from './scope.ts';
import { shownConfig } from './stream-replies.ts';

type CreateBody = Static<typeof ConsumerCreateRequest>;

const NOT_PAUSED = { paused: false, pause_until: ZERO_TIME } as const;

/** The rows about consumers. */
export const CONSUMER_ENDPOINTS: readonly Endpoint[] = [
  endpoint({
    subject: '$JS.API.CONSUMER.CREATE.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(ConsumerCreateRequest, 'CreateConsumerRequest'),
    response: 'consumer_create_response',
    doc: 'Creates a consumer that goes when it is not used; its name is made up unless the body gives one.',
    effect: 'full',
    handle(context, { tokens, body }) {
      checkStreamName(body, tokens.stream);
      if (hasText(body.config?.durable_name)) throw jsError('JSConsumerEphemeralWithDurableNameErr');
      return create(context, tokens.stream, body, body.config ?? {});
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.CREATE.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(ConsumerCreateRequest, 'CreateConsumerRequest'),
    response: 'consumer_create_response',
    doc: 'Creates or updates the consumer that the subject names; a name in the body is not looked at.',
    effect: 'full',
    handle(context, { tokens, body }) {
      checkStreamName(body, tokens.stream);
      checkDurableIfAny(body, tokens.consumer);
      return create(context, tokens.stream, body, { ...body.config, name: toText(tokens.consumer) });
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.CREATE.<stream>.<consumer>.<filter…>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(ConsumerCreateRequest, 'CreateConsumerRequest'),
    response: 'consumer_create_response',
    doc: 'The same with the filter in the subject, so that permissions can restrict it; the body has to agree.',
    effect: 'full',
    handle(context, { tokens, body }) {
      checkStreamName(body, tokens.stream);
      checkDurableIfAny(body, tokens.consumer);
      if ((body.config?.filter_subjects ?? []).length > 0)
        throw jsError('JSConsumerMultipleFiltersNotAllowed');
      if (body.config?.filter_subject !== toText(tokens.filter)) {
        throw jsError('JSConsumerCreateFilterSubjectMismatchErr');
      }
      return create(context, tokens.stream, body, { ...body.config, name: toText(tokens.consumer) });
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.DURABLE.CREATE.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: jsonDecoded(ConsumerCreateRequest, 'CreateConsumerRequest'),
    response: 'consumer_create_response',
    doc: 'The older way to create a durable consumer.',
    effect: 'full',
    handle(context, { tokens, body }) {
      checkStreamName(body, tokens.stream);
      if (!hasText(body.config?.durable_name)) throw jsError('JSConsumerDurableNameNotSetErr');
      checkDurableIfAny(body, tokens.consumer);
      return create(context, tokens.stream, body, { ...body.config, name: toText(tokens.consumer) });
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.NAMES.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(ConsumersRequest, 'JSApiConsumersRequest'),
    response: 'consumer_names_response',
    errorFields: { ...NO_PAGE, consumers: [] },
    doc: 'Names of the consumers of a stream, 1,024 a page.',
    effect: 'full',
    handle({ jetstream }, { tokens, body }) {
      const { items, ...page } = pageOf(consumersOf(jetstream, tokens.stream), body.offset, NAMES_PAGE);
      return { ...page, consumers: items.map((consumer) => toText(consumer.name)) };
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.LIST.<stream>',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(ConsumersRequest, 'JSApiConsumersRequest'),
    response: 'consumer_list_response',
    errorFields: { ...NO_PAGE, consumers: [] },
    doc: 'The consumers of a stream with configuration and state, 256 a page.',
    effect: 'full',
    handle({ jetstream }, { tokens, body }) {
      const { items, ...page } = pageOf(consumersOf(jetstream, tokens.stream), body.offset, LIST_PAGE);
      return { ...page, consumers: items.map((consumer) => consumer.info()) };
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.INFO.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: payloadEmpty(),
    response: 'consumer_info_response',
    doc: 'Configuration and state of a consumer.',
    effect: 'full',
    handle({ jetstream, house }, { tokens }) {
      return consumerReply(jetstream.stream(tokens.stream).consumer(tokens.consumer), house);
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.DELETE.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: payloadEmpty(),
    response: 'consumer_delete_response',
    doc: 'Deletes a consumer.',
    effect: 'full',
    handle({ jetstream }, { tokens }) {
      jetstream.stream(tokens.stream).deleteConsumer(tokens.consumer);
      return { success: true };
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.PAUSE.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: jsonOptions(PauseRequest, 'JSApiConsumerPauseRequest'),
    response: 'consumer_pause_response',
    errorFields: NOT_PAUSED,
    doc: 'Pauses deliveries until a time, or resumes them: without a time, or with one that is past.',
    effect: 'full',
    handle({ jetstream }, { tokens, body }) {
      const stream = jetstream.stream(tokens.stream);
      const consumer = stream.consumer(tokens.consumer);
      pauseConsumer(stream, consumer, body.pause_until === ZERO_TIME ? undefined : body.pause_until);
      const { paused = false, pause_remaining } = consumer.info();
      return { paused, pause_until: body.pause_until ?? NOT_PAUSED.pause_until, pause_remaining };
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.UNPIN.<stream>.<consumer>',
    door: 'system-service',
    scope: 'account',
    request: jsonPlain(UnpinRequest, 'JSApiConsumerUnpinRequest'),
    response: 'consumer_unpin_response',
    doc: 'Lets the client that is pinned in a priority group go, so that the next one is pinned.',
    effect: 'full',
    handle({ jetstream }, { tokens, body }) {
      if (!hasText(body.group)) throw jsError('JSInvalidJSONErr', { err: 'consumer group not specified' });
      jetstream
        .stream(tokens.stream)
        .consumer(tokens.consumer)
        .unpin(body.group ?? '');
      return {};
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.RESET.<stream>.<consumer>',
    door: 'account-subject',
    lives: 'consumer',
    scope: 'account',
    request: jsonPlainOptions(ResetRequest, 'JSApiConsumerResetRequest'),
    response: 'consumer_reset_response',
    errorFields: { reset_seq: 0 },
    doc: 'Sets a consumer back to a sequence, or to what is not acknowledged yet.',
    effect: 'full',
    handle({ jetstream, house }, { tokens, body }) {
      const consumer = jetstream.stream(tokens.stream).consumer(tokens.consumer);
      const reset_seq = consumer.reset(body.seq ?? 0);
      return { ...consumerReply(consumer, house), reset_seq };
    },
  }),
  endpoint({
    subject: '$JS.API.CONSUMER.MSG.NEXT.<stream>.<consumer>',
    door: 'account-subject',
    lives: 'consumer',
    staysInside: true,
    scope: 'account',
    request: payloadRaw(),
    doc: 'Asks a pull consumer for messages; they and status messages come to the reply subject.',
    effect: 'full',
    hot: true,
    handle({ jetstream }, call) {
      pullFrom(jetstream.stream(call.tokens.stream).consumer(call.tokens.consumer), call);
      return SILENT;
    },
  }),
  endpoint({
    subject: '$JS.ACK.<stream>.<consumer>.<delivery…>',
    door: 'account-subject',
    lives: 'acked-consumer',
    restTokens: 5,
    scope: 'account',
    request: payloadRaw(),
    doc: 'Acknowledges a delivery: +ACK, -NAK, +WPI, +NXT, +TERM.',
    effect: 'full',
    hot: true,
    handle({ jetstream }, call) {
      const { tokens, message } = call;
      const consumer = jetstream.streams.get(tokens.stream)?.consumers.get(tokens.consumer);
      const wanted = consumer?.acknowledge(message);
      if (consumer !== undefined && wanted !== undefined) pullAs(consumer, wanted, call);
      return SILENT;
    },
  }),
  endpoint({
    subject: '$JS.FC.<stream>.<consumer>.<id…>',
    door: 'account-subject',
    lives: 'flow-consumer',
    scope: 'account',
    request: payloadRaw(),
    doc: 'Answers a flow control request of a push consumer.',
    effect: 'full',
    hot: true,
    handle({ jetstream }, { tokens, message }) {
      jetstream.streams.get(tokens.stream)?.consumers.get(tokens.consumer)?.flowControl(message);
      return SILENT;
    },
  }),
];

function hasText(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** The subject names the stream; a body that names another is refused, never obeyed (CVE-2026-33222). */
function checkStreamName(body: CreateBody, stream: ByteString): void {
  if (body.stream_name !== toText(stream)) throw jsError('JSStreamMismatchErr');
}

function checkDurableIfAny(body: CreateBody, consumer: ByteString): void {
  const durable = body.config?.durable_name;
  if (hasText(durable) && durable !== toText(consumer))
    throw jsError('JSConsumerDurableNameNotMatchSubjectErr');
}

function create(
  { jetstream, house }: AccountContext,
  name: ByteString,
  body: CreateBody,
  config: ConsumerConfigInput,
): ResponseBody {
  checkBeforeStream(config);
  const stream = jetstream.stream(name);
  return consumerReply(createConsumer(stream, config, body.action ?? '', body.pedantic ?? false), house);
}

/** What 2.14.5 refuses before it looks for the stream (measured). */
function checkBeforeStream({
  name = '',
  durable_name: durable = '',
  num_replicas: replicas = 0,
}: ConsumerConfigInput): void {
  if (/[/\\]/.test(name + durable)) throw jsError('JSConsumerNameContainsPathSeparatorsErr');
  if (replicas > 1) throw jsError('JSStreamReplicasNotSupportedErr');
}

function consumerReply(consumer: Consumer, house: House): ResponseBody {
  const info = consumer.info();
  return { ...info, config: shownConfig(info.config, house) };
}

function consumersOf(jetstream: AccountContext['jetstream'], stream: ByteString): readonly Consumer[] {
  return jetstream.stream(stream).consumers.shown();
}
