import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  type AuditReport,
  auditConfig,
  FORMATS,
  type Format,
  parseVersion,
  render,
  SEVERITIES,
  type Severity,
} from '../audit/index.ts';
import { ConfigError } from '../config/index.ts';

/** Exit codes of the command. */
const NOTHING = 0;
const USAGE = 2;
const FOUND = 4;

const DEFAULT_FAIL_ON: Severity = 'high';

const USAGE_TEXT = `usage: bulkhead audit -c FILE [options]
  -c, --config FILE      the configuration to audit
  --format F             ${FORMATS.join(', ')} (default text)
  --fail-on SEVERITY     exit with 4 when something at least this bad is found: ${SEVERITIES.join(', ')}, or none
                         (default ${DEFAULT_FAIL_ON})
  --server-version V     also look for advisories that the configuration exposes on this nats-server (2.9.10)
  --all-paths            every path of each flow, and not one of them
  --max-paths N          ways out of one account that are followed (default 1000)
  -o, --output FILE      write there, and not to standard output
exit codes: 0 nothing found, 4 findings at or above --fail-on, 2 the command line or the configuration is wrong
`;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  format: { type: 'string' },
  'fail-on': { type: 'string' },
  'server-version': { type: 'string' },
  'all-paths': { type: 'boolean' },
  'max-paths': { type: 'string' },
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Where the command writes. */
export interface AuditIo {
  out(text: string): unknown;
  err(text: string): unknown;
  /** Whether what is written out is read on a terminal that shows colours. */
  readonly colour: boolean;
}

class UsageError extends Error {}

interface Order {
  readonly config: string;
  readonly format: Format;
  readonly failOn: Severity | 'none';
  readonly serverVersion?: string;
  readonly allPaths: boolean;
  readonly maxPaths?: number;
  readonly output?: string;
}

/** `audit -c FILE`: everything that crosses a boundary, and what somebody should know about it. @returns the exit code. */
export function audit(words: readonly string[], io: AuditIo = processIo()): number {
  try {
    const order = read(words);
    if (order === 'help') {
      io.out(USAGE_TEXT);
      return NOTHING;
    }
    return run(order, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${error.message}\n\n${USAGE_TEXT}`);
      return USAGE;
    }
    if (error instanceof ConfigError) {
      io.err(`${error.message}\n`);
      return USAGE;
    }
    throw error;
  }
}

function run({ config, format, failOn, output, ...how }: Order, io: AuditIo): number {
  const report = auditConfig({ configFile: config }, how, process.env);
  const text = render(report, format, { colour: output === undefined && io.colour });
  if (output === undefined) io.out(text);
  else writeOut(output, text);
  return isFailure(report, failOn) ? FOUND : NOTHING;
}

/** Colour where people read, unless they asked for none (https://no-color.org). */
function processIo(): AuditIo {
  const { stdout, stderr, env } = process;
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    colour: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  };
}

function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isFailure({ counts }: AuditReport, failOn: Severity | 'none'): boolean {
  if (failOn === 'none') return false;
  const bad = SEVERITIES.slice(0, SEVERITIES.indexOf(failOn) + 1);
  return bad.some((severity) => counts[severity] > 0);
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function read(words: readonly string[]): Order | 'help' {
  const values = parse(words);
  if (values.help) return 'help';
  if (values.config === undefined) throw new UsageError('which configuration? -c FILE');
  const version = values['server-version'];
  if (version !== undefined && parseVersion(version) === undefined)
    throw new UsageError(`--server-version ${JSON.stringify(version)}: expected a version such as 2.9.10`);
  return {
    config: values.config,
    format: oneOf('--format', values.format ?? 'text', FORMATS),
    failOn: oneOf('--fail-on', values['fail-on'] ?? DEFAULT_FAIL_ON, [...SEVERITIES, 'none'] as const),
    allPaths: values['all-paths'] ?? false,
    ...(version === undefined ? {} : { serverVersion: version }),
    ...(values['max-paths'] === undefined ? {} : { maxPaths: natural('--max-paths', values['max-paths']) }),
    ...(values.output === undefined ? {} : { output: values.output }),
  };
}

function oneOf<T extends string>(flag: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined)
    throw new UsageError(`${flag} ${JSON.stringify(text)}: expected one of ${known.join(', ')}`);
  return found;
}

function natural(flag: string, text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`${flag} ${text}: expected a whole number from 1`);
  return Number(text);
}
