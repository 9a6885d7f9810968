import type { CommandLine, FlagOverrides } from './command-line.ts';
import { FLAGS, type FlagSpec, type FlagTarget, REFUSED_FLAGS } from './flag-table.ts';

export { applyFlags } from './apply-flags.ts';
export type { CommandLine, FlagOverrides } from './command-line.ts';
export { helpText } from './help.ts';

/** Go's spellings of a boolean in a flag. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false] as const),
]);

/** A command line that is refused. */
class FlagRefusal extends Error {
  readonly usage: boolean;

  constructor(message: string, usage: boolean) {
    super(message);
    this.usage = usage;
  }
}

type FlagValue = string | number | boolean;
type FlagValues = Map<FlagTarget, FlagValue>;

/**
 * Reads the words of the command line (without program and script). Flags are those of nats-server: one dash or two,
 * value after `=` or as the next word, the last one counts. Does no input or output.
 */
export function parseFlags(words: readonly string[]): CommandLine {
  try {
    return commandOf(valuesOf(words));
  } catch (thrown) {
    if (!(thrown instanceof FlagRefusal)) throw thrown;
    return { kind: 'error', message: thrown.message, usage: thrown.usage };
  }
}

function valuesOf(words: readonly string[]): FlagValues {
  const values: FlagValues = new Map();
  let at = 0;
  for (let word = words[at]; word !== undefined; word = words[at]) {
    at++;
    if (!word.startsWith('-') || word === '-') return withCommand(values, word);
    if (word === '--') {
      const next = words[at];
      return next === undefined ? values : withCommand(values, next);
    }
    at += readFlag(word, words[at], values);
  }
  return values;
}

/** A word that is no flag ends the flags; two such words are commands. */
function withCommand(values: FlagValues, word: string): FlagValues {
  if (word !== 'version' && word !== 'help') throw new FlagRefusal(`unrecognized command: "${word}"`, false);
  return values.set(word, true);
}

/** Reads one flag; returns how many of the following words it used. */
function readFlag(word: string, next: string | undefined, values: FlagValues): number {
  const [, name = '', given] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  if (name === '' || name.startsWith('-')) throw new FlagRefusal(`bad flag syntax: ${word}`, true);
  const flag = FLAGS.find((each) => each.names.includes(name));
  if (flag === undefined) throw unknownFlag(name);
  if (flag.kind === 'switch') {
    values.set(flag.target, switchValue(name, given));
    return 0;
  }
  const value = given ?? next;
  if (value === undefined) throw new FlagRefusal(`flag needs an argument: -${name}`, true);
  values.set(flag.target, flagValue(flag, name, value));
  return given === undefined ? 1 : 0;
}

function unknownFlag(name: string): FlagRefusal {
  const why = REFUSED_FLAGS.get(name);
  if (why === undefined) return new FlagRefusal(`flag provided but not defined: -${name}`, true);
  return new FlagRefusal(`flag -${name} of nats-server means nothing here: ${why}`, false);
}

function switchValue(name: string, given: string | undefined): boolean {
  const value = given === undefined ? true : BOOLEANS.get(given);
  if (value !== undefined) return value;
  throw new FlagRefusal(`invalid boolean value "${given}" for -${name}: parse error`, true);
}

function flagValue(flag: FlagSpec, name: string, given: string): FlagValue {
  if (flag.kind === 'text') return given;
  const number = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN;
  if (Number.isNaN(number))
    throw new FlagRefusal(`invalid value "${given}" for flag -${name}: parse error`, true);
  if (PORTS.has(flag.target) && (number < -1 || number > 65_535)) {
    throw new FlagRefusal(`listen tcp: address ${number}: invalid port`, false);
  }
  return number;
}

function commandOf(values: FlagValues): CommandLine {
  if (values.get('version') === true) return { kind: 'version' };
  if (values.get('help') === true) return { kind: 'help' };
  const order = values.get('signal');
  if (typeof order === 'string' && order !== '') return { kind: 'signal', order };
  const config = values.get('config');
  const named = typeof config === 'string' && config !== '';
  if (values.get('check') === true) {
    if (named) return { kind: 'check', config };
    throw new FlagRefusal('must specify [-c, --config] option to check configuration file syntax', false);
  }
  const overrides = overridesOf(values);
  const warnings =
    overrides.storeDir === undefined
      ? []
      : ['-sd has no effect: streams are held in memory and end with the server'];
  return { kind: 'serve', ...(named ? { config } : {}), overrides, warnings };
}

function overridesOf(values: FlagValues): FlagOverrides {
  const overrides: Record<string, FlagValue> = {};
  for (const [target, value] of values) {
    if (NO_OVERRIDES.has(target)) continue;
    for (const field of FIELDS[target] ?? [target]) overrides[field] = value;
  }
  const { serverName, user, password, token } = overrides;
  if (typeof serverName === 'string' && serverName.includes(' ')) {
    throw new FlagRefusal('server name cannot contain spaces', false);
  }
  if ((user || password) && token) throw new FlagRefusal('Cannot have a user/pass and token', false);
  return overrides;
}

/** What is no part of the options. */
const NO_OVERRIDES: ReadonlySet<FlagTarget> = new Set(['config', 'check', 'signal', 'version', 'help']);
const PORTS: ReadonlySet<FlagTarget> = new Set(['port', 'httpPort', 'httpsPort']);

/** Flags that set something else than their own field. */
const FIELDS: Partial<Record<FlagTarget, readonly (keyof FlagOverrides)[]>> = {
  traceVerbose: ['trace', 'traceVerbose'],
  debugTrace: ['debug', 'trace'],
  debugTraceVerbose: ['debug', 'trace', 'traceVerbose'],
};
