import { influence } from '../../model/index.ts';
import { actorOf, type Scenario } from '../actions.ts';
import type { Finding } from '../finding.ts';
import { isolationScenarios } from '../generators/scenarios.ts';
import { worlds } from '../generators/worlds.ts';
import { type Assets, judgeIntegrity } from '../oracles/integrity.ts';
import { probe } from '../probe.ts';
import { play, quiet } from '../run.ts';
import { Stage } from '../stage.ts';
import type { Target } from '../target.ts';
import { Altered, withSecretDoor } from './altered.ts';
import type { Fuzzer } from './fuzzer.ts';

/** Everybody else acts first; then the outsider alone. What the others own must be the same before and after. */
export const integrity: Fuzzer = {
  id: 'integrity',
  promise: 'No account changes streams, consumers or messages of one that no path leads to.',
  worlds: (exact) => worlds({ exact, jetstream: true }),
  // Not exact, whatever the target: streams must not store the questions of the probes, and time must stand still.
  scenarios: (options) => isolationScenarios({ ...options, exact: false }),
  examine,
  smokeRuns: 100,
  canaries: [
    { name: 'purge of any account', controlOff: 'api-scope-account-purge' },
    {
      name: "another account's API",
      sabotage: (target) => new Altered(target, (world) => withSecretDoor(world, 'service', '$JS.API.>')),
    },
  ],
  needs: 'wire',
};

async function examine(target: Target, scenario: Scenario): Promise<Finding | undefined> {
  const session = await target.start(scenario.world);
  try {
    const stage = new Stage(scenario, session);
    const isOutsiders = (by: string | undefined): boolean => by === scenario.outsider;
    await part(stage, (by) => !isOutsiders(by));
    const before = await assetsOf(stage);
    await part(stage, isOutsiders);
    const after = await assetsOf(stage);
    const assets = [...before].map(
      ([account, frames]): Assets => ({ account, before: frames, after: after.get(account) ?? [] }),
    );
    return judgeIntegrity(scenario.outsider, assets);
  } finally {
    await session.stop();
  }
}

async function part(stage: Stage, isIn: (account: string | undefined) => boolean): Promise<void> {
  await play(
    stage,
    stage.scenario.actions.filter((action) => isIn(actorOf(stage.scenario, action))),
  );
  await quiet(stage);
}

/** The assets of everybody whom the outsider has no way to. */
async function assetsOf({ session, scenario }: Stage): Promise<Map<string, readonly AssetFrame[]>> {
  const { outsider, world } = scenario;
  const within = influence(world.accounts).get(outsider);
  const assets = new Map<string, readonly AssetFrame[]>();
  for (const account of world.accounts) {
    if (within?.has(account.name)) continue;
    assets.set(account.name, (await probe(session, account, false)).frames);
  }
  return assets;
}

type AssetFrame = Assets['before'][number];
