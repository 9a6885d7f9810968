import type { ConfigEntry, ConfigMap, ConfigValue } from './values.ts';

/**
 * Writes values as text of the configuration language. Reading it again gives equal values (positions apart).
 * @throws {Error} for a key that the language cannot write: one with both kinds of quotes and white space.
 */
export function printConfig(map: ConfigMap): string {
  return [...map.entries.values()].map((entry) => `${printEntry(entry, '')}\n`).join('');
}

function printEntry(entry: ConfigEntry, indent: string): string {
  return `${indent}${printKey(entry.key)}: ${printValue(entry.value, indent)}`;
}

function printValue(value: ConfigValue, indent: string): string {
  switch (value.kind) {
    case 'string':
      return printString(value.value);
    case 'integer':
    case 'boolean':
      return String(value.value);
    case 'float':
      return printFloat(value.value);
    case 'date':
      return new Date(value.value).toISOString().replace('.000Z', 'Z');
    case 'array':
      return printLines(
        '[',
        value.items.map((item) => `${indent}  ${printValue(item, `${indent}  `)}`),
        `${indent}]`,
      );
    case 'map':
      return printLines(
        '{',
        [...value.entries.values()].map((entry) => printEntry(entry, `${indent}  `)),
        `${indent}}`,
      );
  }
}

function printLines(open: string, lines: readonly string[], close: string): string {
  return lines.length === 0 ? open + close.trim() : [open, ...lines, close].join('\n');
}

/** A bare word where that is plain; quotes otherwise. Quoted keys are raw: no escapes. */
function printKey(key: string): string {
  if (/^[A-Za-z_$][\w.$-]*$/.test(key) && key.toLowerCase() !== 'include') return key;
  if (!key.includes('"')) return `"${key}"`;
  if (!key.includes("'")) return `'${key}'`;
  if (/^[^\s:="'{}#/][^\s:=]*$/.test(key)) return key;
  throw new Error(
    `print configuration: key ${JSON.stringify(key)} cannot be written in the configuration language`,
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

function printString(text: string): string {
  return `"${text.replace(/[\t\n\r"\\]/g, (char) => ESCAPES[char] as string)}"`;
}

/** Floats of the language have digits on both sides of the dot and no exponent. */
function printFloat(value: number): string {
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const whole = digits.slice(0, point).padEnd(point, '0');
  return `${sign}${whole}.${digits.slice(point) || '0'}`;
}
