import fc from 'fast-check';
import type { Scenario } from './actions.ts';
import type { Finding } from './finding.ts';
import type { Fuzzer } from './fuzzers/fuzzer.ts';
import type { Weapon } from './generators/actions.ts';
import type { ScenarioOptions } from './generators/scenarios.ts';
import { minimise } from './minimise.ts';
import { elapsed } from './patience.ts';
import type { Counterexample } from './report.ts';
import type { Target } from './target.ts';
import { WorldRefusedError } from './tcp-target.ts';
import type { World } from './world.ts';

/** How much to try, and from where. */
export interface CampaignOptions {
  /** Scenarios to try. */
  readonly runs: number;
  /** Stops starting new rounds after so many ms. */
  readonly timeMs?: number;
  readonly seed: number;
  /** Goes straight to a counterexample found before. */
  readonly path?: string;
  /** The world to act in, when the server's configuration cannot be chosen. */
  readonly world?: World;
  readonly leaveOut?: readonly Weapon[];
  /** Whether a counterexample is made small; it is unless told not to. */
  readonly shrink?: boolean;
  /** Writes the command that shows a counterexample again. */
  readonly replay?: (seed: number, path: string) => string;
  readonly onProgress?: (runs: number) => void;
  /** The server did not start with a round's world; the round is over then. */
  readonly onRefused?: (reason: string) => void;
}

/** How many scenarios were tried, and the first that broke a promise. */
export interface CampaignResult {
  readonly runs: number;
  readonly counterexample: Counterexample | undefined;
}

/** Runs of one round. A round on a server over the wire keeps to one world, because a new one needs a new process. */
const ROUND_RUNS = { exact: 500, inexact: 25 } as const;
/** How often a difference on an inexact target must come back before it counts. */
const CONFIRMATIONS = 2;

/** Tries scenarios in rounds until the runs or the time are used up, or a counterexample is found. */
export async function runCampaign(
  fuzzer: Fuzzer,
  target: Target,
  options: CampaignOptions,
): Promise<CampaignResult> {
  const started = elapsed();
  const perRound = target.exact ? ROUND_RUNS.exact : ROUND_RUNS.inexact;
  let runs = 0;
  for (let seed = options.seed; runs < options.runs; seed++) {
    if (options.timeMs !== undefined && elapsed() - started >= options.timeMs) break;
    const counterexample = await round(fuzzer, target, {
      ...options,
      seed,
      runs: Math.min(perRound, options.runs - runs),
      deadline: options.timeMs === undefined ? undefined : started + options.timeMs,
      onRun: () => {
        runs++;
        options.onProgress?.(runs);
      },
    });
    if (counterexample !== undefined || options.path !== undefined) return { runs, counterexample };
  }
  return { runs, counterexample: undefined };
}

interface RoundOptions extends CampaignOptions {
  readonly onRun: () => void;
  readonly deadline: number | undefined;
}

async function round(
  fuzzer: Fuzzer,
  target: Target,
  options: RoundOptions,
): Promise<Counterexample | undefined> {
  const examine = target.exact ? fuzzer.examine : confirmed(fuzzer.examine);
  let isShrinking = false;
  let isLate = false;
  const property = fc.asyncProperty(
    fuzzer.scenarios(scenarioOptions(fuzzer, target, options)),
    async (scenario) => {
      if (!isShrinking) {
        isLate ||= options.deadline !== undefined && elapsed() >= options.deadline;
        if (isLate) return;
        options.onRun();
      }
      const finding = await examine(target, scenario);
      if (finding === undefined) return;
      isShrinking = true;
      throw new FindingError(finding);
    },
  );
  const path = options.path === undefined ? {} : { path: options.path };
  const details = await fc.check(property, {
    seed: options.seed,
    numRuns: options.runs,
    ...path,
    endOnFailure: options.shrink === false,
  });
  if (!details.failed) return undefined;
  if (details.errorInstance instanceof WorldRefusedError && !target.exact) {
    options.onRefused?.(details.errorInstance.message);
    return undefined;
  }
  if (!(details.errorInstance instanceof FindingError)) throw details.errorInstance;
  const [shrunk] = details.counterexample ?? [];
  if (shrunk === undefined) return undefined;
  return finish(fuzzer, target, options, {
    scenario: shrunk,
    finding: details.errorInstance.finding,
    path: details.counterexamplePath ?? '',
  });
}

function scenarioOptions(fuzzer: Fuzzer, target: Target, options: CampaignOptions): ScenarioOptions {
  const leaveOut = options.leaveOut ?? [];
  if (target.exact) return { exact: true, leaveOut };
  return { exact: false, leaveOut, world: options.world ?? worldOfSeed(fuzzer, options.seed) };
}

/** The world in which a round with this seed takes place on a target over the wire. */
export function worldOfSeed(fuzzer: Fuzzer, seed: number): World {
  return fc.sample(fuzzer.worlds(false), { seed, numRuns: 1 })[0] ?? { accounts: [] };
}

/** Makes the found scenario smaller still, and tells it. */
async function finish(
  fuzzer: Fuzzer,
  target: Target,
  options: CampaignOptions,
  found: { scenario: Scenario; finding: Finding; path: string },
): Promise<Counterexample> {
  let finding = found.finding;
  const shrinks = options.shrink ?? true;
  const scenario = !shrinks
    ? found.scenario
    : await minimise(found.scenario, async (smaller) => {
        const again = await fuzzer.examine(target, smaller);
        if (again !== undefined) finding = again;
        return again !== undefined;
      });
  const replay = options.replay?.(options.seed, found.path) ?? `seed ${options.seed}, path ${found.path}`;
  return {
    fuzzer: fuzzer.id,
    target: target.name,
    scenario,
    finding,
    seed: options.seed,
    path: found.path,
    replay,
  };
}

class FindingError extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(finding.summary);
    this.finding = finding;
  }
}

/** A server with threads may answer the same actions in two ways; what it does every time is no race. */
function confirmed(examine: Fuzzer['examine']): Fuzzer['examine'] {
  return async (target, scenario) => {
    let finding = await examine(target, scenario);
    for (let i = 0; i < CONFIRMATIONS && finding !== undefined; i++)
      finding = await examine(target, scenario);
    return finding;
  };
}
