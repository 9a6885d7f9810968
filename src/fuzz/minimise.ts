import type { Scenario } from './actions.ts';
import { worldWithout } from './live.ts';
import type { World, WorldUser } from './world.ts';

/**
 * Makes a failing scenario as small as it goes, one step at a time: an action less, then headers less, a user's
 * permissions less, a door less, and an account's mappings and limits less. The generator's own shrinking has done most of it; this makes the rest readable.
 * @param fails whether a scenario still fails.
 */
export async function minimise(
  scenario: Scenario,
  fails: (smaller: Scenario) => Promise<boolean>,
): Promise<Scenario> {
  let best = scenario;
  for (const smaller of [fewerActions, fewerHeaders, fewerPermissions, fewerDoors, plainerAccounts]) {
    let index = 0;
    for (;;) {
      const candidate = smaller(best, index);
      if (candidate === undefined) break;
      if (await fails(candidate)) best = candidate;
      else index++;
    }
  }
  return best;
}

/** Leaves out the action that is `index`th from the end; `undefined` when there is none. */
function fewerActions(scenario: Scenario, index: number): Scenario | undefined {
  const at = scenario.actions.length - 1 - index;
  return at < 0 ? undefined : { ...scenario, actions: scenario.actions.filter((_, i) => i !== at) };
}

/** Takes the headers from the `index`th action that has some. */
function fewerHeaders(scenario: Scenario, index: number): Scenario | undefined {
  const chosen = scenario.actions.filter((action) => 'headers' in action && action.headers.length > 0)[index];
  if (chosen === undefined || !('headers' in chosen)) return undefined;
  const bare = { ...chosen, headers: [] };
  return { ...scenario, actions: scenario.actions.map((action) => (action === chosen ? bare : action)) };
}

/** Frees the `index`th user that still has permissions. */
function fewerPermissions(scenario: Scenario, index: number): Scenario | undefined {
  const limited = users(scenario.world).filter(
    (user) => user.publish !== undefined || user.subscribe !== undefined || user.responses !== undefined,
  );
  const chosen = limited[index];
  if (chosen === undefined) return undefined;
  const accounts = scenario.world.accounts.map((account) => ({
    ...account,
    users: account.users.map((user) => (user === chosen ? { name: user.name } : user)),
  }));
  return { ...scenario, world: { accounts } };
}

/** Shuts the `index`th door for good, unless a reload counts doors. */
function fewerDoors(scenario: Scenario, index: number): Scenario | undefined {
  const count = scenario.world.accounts.reduce(
    (sum, { exports = [], imports = [] }) => sum + exports.length + imports.length,
    0,
  );
  if (index >= count || scenario.actions.some(({ kind }) => kind === 'reload')) return undefined;
  return { ...scenario, world: worldWithout(scenario.world, { shut: [index], muted: [] }) };
}

/** Takes mappings and limits from the `index`th account that has some. */
function plainerAccounts(scenario: Scenario, index: number): Scenario | undefined {
  const { accounts } = scenario.world;
  const chosen = accounts.filter(({ mappings, limits }) => mappings !== undefined || limits !== undefined)[
    index
  ];
  if (chosen === undefined) return undefined;
  const { mappings: _mappings, limits: _limits, ...plain } = chosen;
  const plainer = accounts.map((account) => (account === chosen ? plain : account));
  return { ...scenario, world: { accounts: plainer } };
}

function users(world: World): readonly WorldUser[] {
  return world.accounts.flatMap((account) => account.users);
}
