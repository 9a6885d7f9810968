import type { Arbitrary } from 'fast-check';
import type { ControlId } from '../../guard/index.ts';
import type { Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import type { ScenarioOptions } from '../generators/scenarios.ts';
import type { Target } from '../target.ts';
import type { World } from '../world.ts';

/** A generator with an oracle. */
export interface Fuzzer {
  readonly id: string;
  /** What it tries to refute, in one sentence. */
  readonly promise: string;
  /** The worlds of its scenarios. */
  worlds(exact: boolean): Arbitrary<World>;
  scenarios(options: ScenarioOptions): Arbitrary<Scenario>;
  /** Runs one scenario; a finding refutes the promise. */
  examine(target: Target, scenario: Scenario): Promise<Finding | undefined>;
  /** Runs of the default test, a few seconds in process. */
  readonly smokeRuns: number;
  /** Faults that it must find within its normal number of runs. */
  readonly canaries: readonly Canary[];
  /** Whether it has something to see on a server that is not in this process. */
  readonly needs: 'wire' | 'audit';
}

/** A fault planted on purpose. */
export type Canary =
  | { readonly name: string; readonly controlOff: ControlId }
  /** The server gets another world than the one the oracle knows. */
  | { readonly name: string; readonly sabotage: (target: Target) => Target };
