import { describe, expect, it } from 'vitest';
import { decodePlain, decodeRequest, JsonError } from '../../src/api/decode.ts';
import { encodeJson } from '../../src/api/encode.ts';
import { shapeOf } from '../../src/api/go-shape.ts';
import {
  ConsumerCreateRequest,
  MessageDeleteRequest,
  PullRequestBody,
  StreamCreateRequest,
  StreamNamesRequest,
} from '../../src/api/schemas.ts';
import type { ByteString } from '../../src/subjects/index.ts';

const STREAM = shapeOf(StreamCreateRequest, 'StreamConfigRequest');
const CONSUMER = shapeOf(ConsumerCreateRequest, 'CreateConsumerRequest');

function bytes(text: string): ByteString {
  return Buffer.from(text).latin1Slice() as ByteString;
}

function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return 'accepted';
}

const at = (char: string, where: string, offset: number): string =>
  `invalid character ${char} ${where} at offset ${offset}`;
const intoStream = (what: string, field: string, type: string): string =>
  `json: cannot unmarshal ${what} into Go struct field StreamConfigRequest.StreamConfig.${field} of type ${type}`;
const intoConsumer = (what: string, field: string, type: string): string =>
  `json: cannot unmarshal ${what} into Go struct field ConsumerConfig.config.${field} of type ${type}`;

/**
 * Request bodies of STREAM.CREATE and the texts behind `invalid JSON: `, measured on 2.14.5; some bodies are cut down
 * from the measured ones, with the offset moved accordingly.
 */
const STREAM_TEXTS: readonly (readonly [body: string, text: string])[] = [
  ['', 'accepted'],
  ['null', 'accepted'],
  ['x', at("'x'", 'looking for beginning of value', 1)],
  ['[]', 'json: cannot unmarshal array into Go value of type server.StreamConfigRequest'],
  ['"x"', 'json: cannot unmarshal string into Go value of type server.StreamConfigRequest'],
  ['5', 'json: cannot unmarshal number into Go value of type server.StreamConfigRequest'],
  ['{', 'unexpected EOF'],
  ['{"name"', 'unexpected EOF'],
  ['{"name":', 'unexpected EOF'],
  ['{"name":"T"', 'unexpected EOF'],
  ['{"name":"T",}', at("'}'", 'looking for beginning of object key string', 13)],
  ['{"name":"T"}x', at("'x'", 'looking for beginning of value', 13)],
  ['{"name":"T"} {}', 'accepted'],
  ['{"name":"T"}{"zz":5}', 'json: unknown field "zz"'],
  ['{"name":"T"} 5', 'json: cannot unmarshal number into Go value of type server.StreamConfigRequest'],
  ['{name:1}', at("'n'", 'looking for beginning of object key string', 2)],
  ['{"name":5}', intoStream('number', 'name', 'string')],
  ['{"NAME":"T"}', 'accepted'],
  ['{"name":"T","x":1}', 'json: unknown field "x"'],
  ['{"max_msgs":"5"}', intoStream('string', 'max_msgs', 'int64')],
  ['{"max_msgs":1.5}', intoStream('number 1.5', 'max_msgs', 'int64')],
  ['{"max_msgs":1e3}', intoStream('number 1e3', 'max_msgs', 'int64')],
  ['{"max_msgs":9223372036854775808}', intoStream('number 9223372036854775808', 'max_msgs', 'int64')],
  ['{"max_msgs":true}', intoStream('bool', 'max_msgs', 'int64')],
  ['{"max_msgs":null}', 'accepted'],
  ['{"max_msgs":{}}', intoStream('object', 'max_msgs', 'int64')],
  ['{"max_msgs":[]}', intoStream('array', 'max_msgs', 'int64')],
  ['{"max_msg_size":3000000000}', intoStream('number 3000000000', 'max_msg_size', 'int32')],
  ['{"num_replicas":"x"}', intoStream('string', 'num_replicas', 'int')],
  ['{"subjects":"x"}', intoStream('string', 'subjects', '[]string')],
  ['{"subjects":[1]}', intoStream('number', 'subjects', 'string')],
  ['{"subjects":{"a":1}}', intoStream('object', 'subjects', '[]string')],
  ['{"retention":"foo"}', 'can not unmarshal "\\"foo\\""'],
  ['{"retention":5}', 'can not unmarshal "5"'],
  ['{"retention":null}', 'can not unmarshal "null"'],
  ['{"storage":{"a":1}}', 'can not unmarshal "{\\"a\\":1}"'],
  ['{"compression":"foo"}', 'unknown compression algorithm'],
  ['{"compression":5}', intoStream('number', 'compression', 'string')],
  ['{"persist_mode":"foo"}', 'can not unmarshal "\\"foo\\""'],
  ['{"max_age":"5s"}', intoStream('string', 'max_age', 'time.Duration')],
  ['{"sealed":1}', intoStream('number', 'sealed', 'bool')],
  ['{"metadata":{"a":1}}', intoStream('number', 'metadata', 'string')],
  ['{"metadata":[]}', intoStream('array', 'metadata', 'map[string]string')],
  ['{"placement":5}', intoStream('number', 'placement', 'server.Placement')],
  ['{"placement":{"foo":5}}', 'json: unknown field "foo"'],
  [
    '{"placement":{"tags":[5]}}',
    'json: cannot unmarshal number into Go struct field Placement.StreamConfig.placement.tags of type string',
  ],
  [
    '{"sources":[{"external":{"api":5}}]}',
    'json: cannot unmarshal number into Go struct field ExternalStream.StreamConfig.sources.external.api of type string',
  ],
  [
    '{"consumer_limits":{"max_ack_pending":"x"}}',
    'json: cannot unmarshal string into Go struct field StreamConsumerLimits.StreamConfig.consumer_limits.max_ack_pending of type int',
  ],
  ['{"first_seq":-1}', intoStream('number -1', 'first_seq', 'uint64')],
  ['{"first_seq":18446744073709551616}', intoStream('number 18446744073709551616', 'first_seq', 'uint64')],
  [
    '{"pedantic":"x"}',
    'json: cannot unmarshal string into Go struct field StreamConfigRequest.pedantic of type bool',
  ],
  ['{"a":1,"b":2,"max_msgs":"x"}', 'json: unknown field "a"'],
  ['{"max_msgs":"x","a":1}', intoStream('string', 'max_msgs', 'int64')],
  ['{"max_msgs":"x","retention":"foo"}', 'can not unmarshal "\\"foo\\""'],
  ['{"name":"\\q"}', at("'q'", 'in string escape code', 11)],
  ['{"name":"a\nb"}', at("'\\n'", 'in string literal', 11)],
  ['{"description":01}', at("'1'", 'after object key:value pair', 17)],
  ['{"num_replicas":-}', at("'}'", 'in numeric literal', 18)],
  ['{"num_replicas":1.}', at("'}'", 'after decimal point in numeric literal', 19)],
  ['{"num_replicas":1e}', at("'}'", 'in exponent of numeric literal', 19)],
  ['{"no_ack":trux}', at("'x'", "in literal true (expecting 'e')", 14)],
  ["{'name':1}", at("'\\''", 'looking for beginning of object key string', 2)],
  ['{"name" 5}', at("'5'", 'after object key', 9)],
  ['{"name":"T" "b"}', at("'\"'", 'after object key:value pair', 13)],
  ['{"subjects":["a" "b"]}', at("'\"'", 'after array element', 18)],
  ['{"subjects":["a",]}', at("']'", 'looking for beginning of value', 18)],
  ['é', at("'Ã'", 'looking for beginning of value', 1)],
  ['{"name":\x01}', at("'\\x01'", 'looking for beginning of value', 9)],
  ['['.repeat(10_001), at("'['", 'exceeded max depth', 10_001)],
  ['{"a":'.repeat(10_001), at("'{'", 'exceeded max depth', 50_001)],
  [`{"foo":${'['.repeat(9_999)}${']'.repeat(9_999)}}`, 'json: unknown field "foo"'],
];

/** Configurations of consumers, measured likewise. */
const CONSUMER_TEXTS: readonly (readonly [config: string, text: string])[] = [
  ['{"ack_policy":5}', 'can not unmarshal "5"'],
  ['{"ack_wait":"5s"}', intoConsumer('string', 'ack_wait', 'time.Duration')],
  ['{"backoff":["x"]}', intoConsumer('string', 'backoff', 'time.Duration')],
  ['{"backoff":5}', intoConsumer('number', 'backoff', '[]time.Duration')],
  ['{"priority_policy":"foo","max_deliver":"x"}', 'unknown priority policy: "foo"'],
  ['{"priority_policy":5}', 'unknown priority policy: 5'],
  ['{"rate_limit_bps":-1}', intoConsumer('number -1', 'rate_limit_bps', 'uint64')],
  ['{"max_bytes":"x"}', intoConsumer('string', 'max_bytes', 'int')],
  ['{"opt_start_time":5}', 'Time.UnmarshalJSON: input is not a JSON string'],
  ['{"opt_start_time":"x"}', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  ['{"opt_start_time":"2020-13-01T00:00:00Z"}', 'parsing time "2020-13-01T00:00:00Z": month out of range'],
  ['{"opt_start_time":"2020-01-01T25:00:00Z"}', 'parsing time "2020-01-01T25:00:00Z": hour out of range'],
  ['{"opt_start_time":"2020-01-01T20:00:00Zx"}', 'parsing time "2020-01-01T20:00:00Zx": extra text: "x"'],
  [
    '{"opt_start_time":"2020-01-01 00:00:00Z"}',
    'parsing time "2020-01-01 00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse " 00:00:00Z" as "T"',
  ],
  [
    '{"opt_start_time":"2020-01-01T00:00:00"}',
    'parsing time "2020-01-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
  ],
  ['{"opt_start_time":null,"metadata":null,"backoff":null}', 'accepted'],
  ['null', 'accepted'],
  [
    '5',
    'json: cannot unmarshal number into Go struct field CreateConsumerRequest.config of type server.ConsumerConfig',
  ],
];

describe('decodeRequest complains in the words of the real server', () => {
  it.each(STREAM_TEXTS.map(([body, text]) => ({ body, text, shown: body.slice(0, 60) })))(
    'stream $shown',
    ({ body, text }) => {
      expect(complaint(() => decodeRequest(bytes(body), STREAM, true))).toBe(text);
    },
  );

  it.each(CONSUMER_TEXTS.map(([config, text]) => ({ config, text })))(
    'consumer $config',
    ({ config, text }) => {
      expect(complaint(() => decodeRequest(bytes(`{"config":${config}}`), CONSUMER, true))).toBe(text);
    },
  );

  it('names embedded paging and unknown actions', () => {
    const names = shapeOf(StreamNamesRequest, 'JSApiStreamNamesRequest');
    expect(complaint(() => decodeRequest(bytes('{"offset":"x"}'), names, true))).toBe(
      'json: cannot unmarshal string into Go struct field JSApiStreamNamesRequest.ApiPagedRequest.offset of type int',
    );
    expect(complaint(() => decodeRequest(bytes('{"action":"foo"}'), CONSUMER, true))).toBe(
      'unknown consumer action: "foo"',
    );
    expect(complaint(() => decodeRequest(bytes('{"action":5}'), CONSUMER, true))).toBe(
      'unknown consumer action: 5',
    );
  });

  it('ignores unknown fields when the configuration is not strict, and then complains like the plain reader', () => {
    expect(decodeRequest(bytes('{"name":"T","zz":1}'), STREAM, false)).toEqual({ name: 'T' });
    expect(complaint(() => decodeRequest(bytes('x'), STREAM, false))).toBe(
      "invalid character 'x' looking for beginning of value",
    );
    expect(complaint(() => decodeRequest(bytes('{"name":"T"}x'), STREAM, false))).toBe(
      "invalid character 'x' after top-level value",
    );
    expect(complaint(() => decodeRequest(bytes('{"name":"T"'), STREAM, false))).toBe(
      'unexpected end of JSON input',
    );
    expect(complaint(() => decodeRequest(bytes('{"name":"T"}{}'), STREAM, false))).toBe('accepted');
  });
});

describe('decodeRequest reads', () => {
  it('the last of duplicate keys, and keeps a number where null follows', () => {
    expect(
      decodeRequest(bytes('{"name":"A","name":"B","max_msgs":5,"max_msgs":null}'), STREAM, true),
    ).toEqual({
      name: 'B',
      max_msgs: 5,
    });
  });

  it('text: escapes, UTF-8, and what is neither', () => {
    const read = (text: string): unknown => decodeRequest(bytes(text), STREAM, true)['name'];
    expect(read('{"name":"\\u00e9\\n\\ud83d\\ude00"}')).toBe('é\n😀');
    expect(read('{"name":"é😀"}')).toBe('é😀');
    expect(read('{"name":"a\\ud800b"}')).toBe('a\ufffdb');
    expect(decodeRequest('{"name":"\xff"}' as ByteString, STREAM, true)['name']).toBe('\ufffd');
  });

  it('maps without a prototype', () => {
    const { metadata } = decodeRequest(bytes('{"metadata":{"__proto__":"x","a":null}}'), STREAM, true);
    expect(Object.entries(metadata as object)).toEqual([
      ['__proto__', 'x'],
      ['a', ''],
    ]);
  });

  it.each([
    ['seq', '9007199254740991', 9007199254740991],
    ['seq', '9007199254740993', 2 ** 53],
    ['seq', '18446744073709551615', 2 ** 64],
  ])('%s %s as the nearest number', (field, text, value) => {
    const shape = shapeOf(MessageDeleteRequest, 'JSApiMsgDeleteRequest');
    expect(decodeRequest(bytes(`{"${field}":${text}}`), shape, true)).toEqual({ [field]: value });
  });

  it('numbers of 64 bits and no larger ones', () => {
    const shape = shapeOf(MessageDeleteRequest, 'JSApiMsgDeleteRequest');
    for (const text of ['18446744073709551616', '-1', '1e3', '99999999999999999999999']) {
      expect(complaint(() => decodeRequest(bytes(`{"seq":${text}}`), shape, true))).toBe(
        `json: cannot unmarshal number ${text} into Go struct field JSApiMsgDeleteRequest.seq of type uint64`,
      );
    }
    expect(complaint(() => decodeRequest(bytes('{"max_age":9223372036854775808}'), STREAM, true))).toMatch(
      /cannot unmarshal number 9223372036854775808 into/,
    );
  });

  it('the largest of each type, which are written again as they came', () => {
    const [most, least, unsigned] = ['9223372036854775807', '-9223372036854775808', '18446744073709551615'];
    const body = `{"name":"S","max_consumers":${most},"max_msgs":${least},"max_age":${most},"first_seq":${unsigned}}`;
    expect(encodeJson(decodeRequest(bytes(body), STREAM, true))).toBe(body);
  });

  it('pull requests with unknown fields', () => {
    const shape = shapeOf(PullRequestBody, 'JSApiConsumerGetNextRequest');
    expect(decodePlain(bytes(' {"no_wait":true,"zz":[1,{"a":2}]} '), shape)).toEqual({ no_wait: true });
    expect(complaint(() => decodePlain(bytes('{"batch":"x"}'), shape))).toBe(
      'json: cannot unmarshal string into Go struct field JSApiConsumerGetNextRequest.batch of type int',
    );
  });
});
