import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  BinaryTarget,
  type CampaignOptions,
  FUZZERS,
  type Fuzzer,
  fuzzerById,
  InProcessTarget,
  LISTENER_FUZZERS,
  reportText,
  runCampaign,
  type StartEmbedded,
  type Target,
  UrlTarget,
  WEAPONS,
  type Weapon,
  type World,
  worldConfig,
  worldFromConfig,
  worldOfSeed,
} from '../fuzz/index.ts';
import { CONTROLS, type ControlId, isControlId } from '../guard/index.ts';
import { fuzzListeners, readListenerOrder } from './fuzz-listeners.ts';
import { natural, UsageError } from './usage-error.ts';

/** Exit codes of the command. */
const NONE_FOUND = 0;
const FOUND = 1;
const USAGE = 2;

const PROGRESS_EVERY = 100;
const DEFAULT_RUNS = 2000;

const USAGE_TEXT = `usage: npm run fuzz:<${FUZZERS.map((fuzzer) => fuzzer.id).join('|')}> -- [options]
       npm run fuzz:listeners -- [${LISTENER_FUZZERS.map((fuzzer) => fuzzer.id).join('|')}] [--runs N] [--seed X]
  --runs N            scenarios to try (default ${DEFAULT_RUNS})
  --time S            stop after S seconds
  --seed X            start of the chance (default: drawn, and printed)
  --path P            go straight to a counterexample found before with this seed
  --target T          nats://host:port of a running server, or the path of a nats-server binary; default: in process
  --world FILE        the configuration that the running server was started with (printed by --print-world)
  --print-world       print the configuration of the seed's world and exit
  --leave-out W       do without a weapon, so that a known hole does not hide the next: ${WEAPONS.join(', ')}
  --controls-off ID   turn controls off, in process only: ${Object.keys(CONTROLS).join(', ')}
`;

/** Where the command writes, and how it starts the server in this process. */
export interface FuzzIo {
  out(text: string): unknown;
  err(text: string): unknown;
  readonly start: StartEmbedded;
  /** A folder with the certificates that servers show: `server.pem`, `server.key`, `ca.pem`. */
  readonly certificates: string;
  /** A seed, when none is given. */
  drawSeed(): number;
}

/**
 * `npm run fuzz:<id> -- …`: runs one fuzzer. It is no part of the published command, which does without its generators.
 * Exit codes: 0 nothing found, 1 a counterexample, 2 the command line is wrong.
 */
export async function fuzz(args: readonly string[], io: FuzzIo): Promise<number> {
  try {
    const strangers = readListenerOrder(args);
    if (strangers !== undefined) return await fuzzListeners(strangers, io);
    return await run(read(args, io), io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n\n${USAGE_TEXT}`);
    return USAGE;
  }
}

interface Order {
  readonly fuzzer: Fuzzer;
  readonly target: Target;
  readonly campaign: CampaignOptions;
  readonly show: 'world' | 'usage' | undefined;
}

const OPTIONS = {
  runs: { type: 'string' },
  time: { type: 'string' },
  seed: { type: 'string' },
  path: { type: 'string' },
  target: { type: 'string' },
  world: { type: 'string' },
  'print-world': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  'leave-out': { type: 'string' },
  'controls-off': { type: 'string' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function read(args: readonly string[], io: FuzzIo): Order {
  const { values, positionals } = parse(args);
  const [id = 'isolation', ...more] = positionals;
  const fuzzer = fuzzerById(id);
  if (fuzzer === undefined || more.length > 0)
    throw new UsageError(`no fuzzer ${JSON.stringify(positionals.join(' '))}`);
  const controlsOff = items(values['controls-off'], 'control', isControlId);
  const target = targetOf(values.target, controlsOff, io.start);
  if (fuzzer.needs === 'audit' && !target.exact)
    throw new UsageError(`${id} judges the audit record, which only the server in this process has`);
  if (target instanceof UrlTarget && values.world === undefined)
    throw new UsageError('a running server needs --world');
  const time = values.time === undefined ? {} : { timeMs: natural('--time', values.time) * 1000 };
  const campaign = {
    runs: values.runs === undefined ? DEFAULT_RUNS : natural('--runs', values.runs),
    seed: values.seed === undefined ? io.drawSeed() : natural('--seed', values.seed),
    ...time,
    ...(values.path === undefined ? {} : { path: values.path }),
    ...(values.world === undefined ? {} : { world: readWorld(values.world) }),
    leaveOut: items(values['leave-out'], 'weapon', isWeapon),
    replay: (seed: number, path: string) => replayCommand(id, seed, path, values),
    onRefused: (reason: string) => io.err(`${id}: a world is left out, ${reason.trim()}\n`),
    onProgress: (runs: number) => {
      if (runs % PROGRESS_EVERY === 0) io.err(`${id}: ${runs} scenarios\n`);
    },
  };
  const show = values.help ? 'usage' : values['print-world'] ? 'world' : undefined;
  return { fuzzer, target, campaign, show };
}

/** The items of a list with commas, each of which `known` must recognise. */
function items<T extends string>(
  list: string | undefined,
  what: string,
  known: (item: string) => item is T,
): T[] {
  const words = (list ?? '').split(',').filter((item) => item !== '');
  return words.map((item) => {
    if (!known(item)) throw new UsageError(`no ${what} ${JSON.stringify(item)}`);
    return item;
  });
}

function isWeapon(name: string): name is Weapon {
  return WEAPONS.some((weapon) => weapon === name);
}

function targetOf(text: string | undefined, controlsOff: readonly ControlId[], start: StartEmbedded): Target {
  if (text === undefined) return new InProcessTarget(start, controlsOff);
  if (controlsOff.length > 0) throw new UsageError('--controls-off works on the server in this process only');
  return text.includes('://') ? new UrlTarget(text) : new BinaryTarget(text);
}

function readWorld(file: string): World {
  try {
    return worldFromConfig(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`--world ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The command that shows a counterexample again. */
function replayCommand(id: string, seed: number, path: string, values: { [flag: string]: unknown }): string {
  const same = ['target', 'world', 'leave-out', 'controls-off'].flatMap((flag) =>
    values[flag] === undefined ? [] : [`--${flag} ${values[flag]}`],
  );
  return [`npm run fuzz:${id} -- --runs 1 --seed ${seed} --path ${path}`, ...same].join(' ');
}

async function run(order: Order, io: FuzzIo): Promise<number> {
  const { fuzzer, target, campaign } = order;
  if (order.show === 'usage') {
    io.out(USAGE_TEXT);
    return NONE_FOUND;
  }
  if (order.show === 'world') {
    io.out(worldConfig(campaign.world ?? worldOfSeed(fuzzer, campaign.seed)));
    return NONE_FOUND;
  }
  io.err(`${fuzzer.id} on ${target.name}, seed ${campaign.seed}: ${fuzzer.promise}\n`);
  try {
    const { runs, counterexample } = await runCampaign(fuzzer, target, campaign);
    if (counterexample === undefined) {
      io.out(`${fuzzer.id}: no counterexample in ${runs} scenarios\n`);
      return NONE_FOUND;
    }
    io.out(`${reportText(counterexample)}\n`);
    return FOUND;
  } finally {
    await target.stop();
  }
}
