import { actorOf, type Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import { isolationScenarios } from '../generators/scenarios.ts';
import { type Assets, judgeIntegrity } from '../oracles/integrity.ts';
import { probe } from '../probe.ts';
import { play, quiet } from '../run.ts';
import { Actor } from '../stage.ts';
import type { Session, Target } from '../target.ts';
import type { Fuzzer } from './fuzzer.ts';

/** Everybody else acts first; then the outsider alone. What the others own must be the same before and after. */
export const integrity: Fuzzer = {
  id: 'integrity',
  promise: "No account changes another's streams, consumers or messages.",
  // Not exact, whatever the target: streams must not store the questions of the probes, and time must stand still.
  scenarios: (options) => isolationScenarios({ ...options, exact: false }),
  examine,
  smokeRuns: 100,
  canaries: [{ name: 'purge of any account', controlOff: 'api-scope-account-purge' }],
  needs: 'wire',
};

async function examine(target: Target, scenario: Scenario): Promise<Finding | undefined> {
  const session = await target.start(scenario.world);
  try {
    const actors = scenario.connections.map((_, by) => new Actor(scenario, by));
    const isOutsiders = (by: string | undefined): boolean => by === scenario.outsider;
    await part(session, scenario, actors, (by) => !isOutsiders(by));
    const before = await assetsOf(session, scenario);
    await part(session, scenario, actors, isOutsiders);
    const after = await assetsOf(session, scenario);
    const assets = [...before].map(
      ([account, frames]): Assets => ({ account, before: frames, after: after.get(account) ?? [] }),
    );
    return judgeIntegrity(scenario.outsider, assets);
  } finally {
    await session.stop();
  }
}

async function part(
  session: Session,
  scenario: Scenario,
  actors: readonly Actor[],
  isIn: (account: string | undefined) => boolean,
): Promise<void> {
  const actions = scenario.actions.filter((action) => isIn(actorOf(scenario, action)));
  await play(session, { ...scenario, actions }, actors);
  await quiet(session, actors);
}

async function assetsOf(session: Session, scenario: Scenario): Promise<Map<string, readonly AssetFrame[]>> {
  const assets = new Map<string, readonly AssetFrame[]>();
  for (const account of scenario.world.accounts) {
    if (account.name === scenario.outsider) continue;
    assets.set(account.name, (await probe(session, account, false)).frames);
  }
  return assets;
}

type AssetFrame = Assets['before'][number];
