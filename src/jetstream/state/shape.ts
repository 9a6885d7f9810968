import * as Type from 'typebox';

/** Nothing in a configuration is larger: the integers of 64 bits. */
const MOST = 2 ** 64;

/**
 * Whether a value from a state has the form of a schema: what is required is there, nothing else is, and nothing is
 * null. A schema nests a few levels only, and so does the walk.
 */
export function hasShape(schema: Type.TSchema, value: unknown): boolean {
  if (Type.IsUnion(schema)) return schema.anyOf.some((part: Type.TSchema) => hasShape(part, value));
  if (Type.IsLiteral(schema)) return value === schema.const;
  if (Type.IsString(schema)) return typeof value === 'string';
  if (Type.IsBoolean(schema)) return typeof value === 'boolean';
  if (Type.IsInteger(schema)) return Number.isInteger(value) && Math.abs(value as number) <= MOST;
  if (Type.IsArray(schema))
    return Array.isArray(value) && value.every((item) => hasShape(schema.items, item));
  if (!isObject(value)) return false;
  if (Type.IsRecord(schema)) return isMapOf(schema, value);
  return Type.IsObject(schema) && hasFields(schema, value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMapOf(schema: Type.TSchema & { patternProperties: object }, value: object): boolean {
  const [element] = Object.values<Type.TSchema>({ ...schema.patternProperties });
  return element !== undefined && Object.values(value).every((each) => hasShape(element, each));
}

function hasFields({ properties }: Type.TObject, value: object): boolean {
  return Object.entries(value).every(([key, field]) => {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return schema !== undefined && hasShape(schema, field);
  });
}
