import * as Type from 'typebox';

/**
 * The server's JSON reader is typed, and clients see its types in error texts: `json: cannot unmarshal string into Go
 * struct field StreamConfigRequest.StreamConfig.max_msgs of type int64`. A shape says of every field of a request what
 * type the server has there. It is derived from the TypeBox schema, plus the tables below for what a schema cannot
 * say. All names measured on 2.14.5.
 */
export type GoType =
  | { readonly kind: 'string' | 'bool' | 'time' }
  | { readonly kind: 'integer'; readonly name: IntegerName }
  | { readonly kind: 'enum'; readonly values: readonly string[]; readonly complaint: EnumComplaint }
  | { readonly kind: 'array'; readonly name: string; readonly element: GoType }
  | { readonly kind: 'map'; readonly element: GoType }
  | { readonly kind: 'struct'; readonly shape: StructShape };

export type IntegerName = 'int' | 'int32' | 'int64' | 'uint64' | 'time.Duration';
export type EnumComplaint = 'can not unmarshal' | 'compression' | 'consumer action' | 'priority policy';

export interface StructShape {
  readonly name: string;
  /** By exact name and by folded name: names match whatever their case. */
  readonly fields: ReadonlyMap<string, GoField>;
}

export interface GoField {
  readonly name: string;
  /** The name in error texts: embedded structs stand before it. */
  readonly path: string;
  readonly type: GoType;
}

/** Integer fields that are not `int`. */
const INTEGERS: Readonly<Record<string, IntegerName>> = {
  max_age: 'time.Duration',
  duplicate_window: 'time.Duration',
  subject_delete_marker_ttl: 'time.Duration',
  ack_wait: 'time.Duration',
  backoff: 'time.Duration',
  max_expires: 'time.Duration',
  idle_heartbeat: 'time.Duration',
  inactive_threshold: 'time.Duration',
  priority_timeout: 'time.Duration',
  expires: 'time.Duration',
  seq: 'uint64',
  first_seq: 'uint64',
  opt_start_seq: 'uint64',
  up_to_seq: 'uint64',
  keep: 'uint64',
  rate_limit_bps: 'uint64',
  max_msg_size: 'int32',
  max_msgs: 'int64',
  max_msgs_per_subject: 'int64',
  min_pending: 'int64',
  min_ack_pending: 'int64',
  messages: 'uint64',
  bytes: 'uint64',
  last_seq: 'uint64',
  subjects: 'uint64',
  deleted: 'uint64',
  msgs: 'uint64',
  'StreamConfigRequest.max_bytes': 'int64',
  'StreamConfig.max_bytes': 'int64',
};

/** Names of nested structs by the field they stand in. */
const STRUCTS: Readonly<Record<string, string>> = {
  placement: 'Placement',
  mirror: 'StreamSource',
  sources: 'StreamSource',
  external: 'ExternalStream',
  consumer: 'StreamConsumerSource',
  subject_transform: 'SubjectTransformConfig',
  subject_transforms: 'SubjectTransformConfig',
  republish: 'RePublish',
  consumer_limits: 'StreamConsumerLimits',
  config: 'ConsumerConfig',
  'JSApiStreamRestoreRequest.config': 'StreamConfig',
  state: 'StreamState',
  lost: 'LostStreamData',
};

/** Structs that embed another: which one, and which fields are the outer one's own. */
const EMBEDDED: Readonly<Record<string, { readonly inner: string; readonly own: readonly string[] }>> = {
  StreamConfigRequest: { inner: 'StreamConfig', own: ['pedantic'] },
  JSApiStreamNamesRequest: { inner: 'ApiPagedRequest', own: ['subject'] },
  JSApiStreamListRequest: { inner: 'ApiPagedRequest', own: ['subject'] },
  JSApiStreamInfoRequest: { inner: 'ApiPagedRequest', own: ['deleted_details', 'subjects_filter'] },
  JSApiConsumerGetNextRequest: {
    inner: 'PriorityGroup',
    own: ['expires', 'batch', 'max_bytes', 'no_wait', 'idle_heartbeat'],
  },
  JSApiConsumersRequest: { inner: 'ApiPagedRequest', own: [] },
};

const TIMES = new Set(['opt_start_time', 'start_time', 'up_to_time', 'pause_until', 'first_ts', 'last_ts']);

const COMPLAINTS: Readonly<Record<string, EnumComplaint>> = {
  compression: 'compression',
  action: 'consumer action',
  priority_policy: 'priority policy',
};

/** The shape of a schema, worked out when it is asked for the first time. */
export function shapeLater(schema: Type.TObject, goName: string): () => StructShape {
  let shape: StructShape | undefined;
  return () => {
    shape ??= shapeOf(schema, goName);
    return shape;
  };
}

/** The shape of a request or of a struct inside it. */
export function shapeOf(schema: Type.TObject, name: string): StructShape {
  const fields = new Map<string, GoField>();
  for (const [key, property] of Object.entries(schema.properties)) {
    const embedded = EMBEDDED[name];
    const isInner = embedded !== undefined && !embedded.own.includes(key);
    const path = isInner ? `${embedded.inner}.${key}` : key;
    const field = { name: key, path, type: typeOf(property, key, name) };
    fields.set(key, field);
    fields.set(foldName(key), field);
  }
  return { name, fields };
}

/** Field names match by Unicode case folding; of the non-ASCII letters only these two fold to ASCII. */
export function foldName(name: string): string {
  return name.replaceAll('ſ', 's').replaceAll('\u212a', 'k').toLowerCase();
}

function typeOf(schema: Type.TSchema, key: string, owner: string): GoType {
  const bare = withoutNull(schema);
  if (isEnum(bare)) return enumType(bare, key);
  if (Type.IsString(bare)) return { kind: TIMES.has(key) ? 'time' : 'string' };
  if (Type.IsBoolean(bare)) return { kind: 'bool' };
  if (Type.IsInteger(bare) || Type.IsNumber(bare)) return { kind: 'integer', name: integerName(key, owner) };
  if (Type.IsArray(bare)) return arrayType(typeOf(bare.items, key, owner));
  if (Type.IsRecord(bare)) return { kind: 'map', element: mapElement(bare, key, owner) };
  if (Type.IsObject(bare))
    return { kind: 'struct', shape: shapeOf(bare, STRUCTS[`${owner}.${key}`] ?? STRUCTS[key] ?? owner) };
  throw new TypeError(`no Go type for the field ${owner}.${key}`);
}

function integerName(key: string, owner: string): IntegerName {
  return INTEGERS[`${owner}.${key}`] ?? INTEGERS[key] ?? 'int';
}

function arrayType(element: GoType): GoType {
  return { kind: 'array', name: `[]${goName(element)}`, element };
}

/** A type's name as error texts show it. */
export function goName(type: GoType): string {
  switch (type.kind) {
    case 'string':
    case 'bool':
      return type.kind;
    case 'time':
      return 'time.Time';
    case 'enum':
      return 'string';
    case 'integer':
    case 'array':
      return type.name;
    case 'map':
      return `map[string]${goName(type.element)}`;
    case 'struct':
      return `server.${type.shape.name}`;
  }
}

function mapElement(
  schema: Type.TSchema & { patternProperties: object },
  key: string,
  owner: string,
): GoType {
  const [element] = Object.values<Type.TSchema>({ ...schema.patternProperties });
  if (element === undefined) throw new TypeError(`no element type for the map ${owner}.${key}`);
  return typeOf(element, key, owner);
}

function withoutNull(schema: Type.TSchema): Type.TSchema {
  if (!Type.IsUnion(schema)) return schema;
  const rest = schema.anyOf.filter((part: Type.TSchema) => !Type.IsNull(part));
  return rest.length === 1 && rest[0] !== undefined ? rest[0] : schema;
}

function isEnum(schema: Type.TSchema): boolean {
  return Type.IsUnion(schema) || Type.IsLiteral(schema);
}

function enumType(schema: Type.TSchema, key: string): GoType {
  const parts: readonly Type.TSchema[] = Type.IsUnion(schema) ? schema.anyOf : [schema];
  const values = parts.flatMap((part) => (Type.IsLiteral(part) ? [String(part.const)] : []));
  return { kind: 'enum', values, complaint: COMPLAINTS[key] ?? 'can not unmarshal' };
}
