import fc, { type Arbitrary } from 'fast-check';
import { localPattern } from '../../model/index.ts';
import { type Action, isUserAction, labelOf, type Scenario } from '../actions.ts';
import { accountOf, type World } from '../world.ts';
import {
  type ActionMaker,
  administers,
  anyAction,
  coreOnly,
  listening,
  settling,
  type Weapon,
} from './actions.ts';
import { type DoorNames, draw, type Names } from './subjects.ts';
import { worlds } from './worlds.ts';

export interface ScenarioOptions {
  /** Whether the target gives the same bytes for the same actions. */
  readonly exact: boolean;
  /** The world to act in; absent: a new one each time. */
  readonly world?: World;
  /** Weapons to do without, so that a hole already known does not hide the next one. */
  readonly leaveOut?: readonly Weapon[];
}

const MIN_PRELUDE = 2;
const MAX_PRELUDE = 6;
const MAX_ACTIONS = 24;
const MAX_EXTRA_CONNECTIONS = 3;
/** Users that connect besides the owners, as drawn numbers. */
const SOME: Arbitrary<readonly number[]> = fc.array(draw, { maxLength: MAX_EXTRA_CONNECTIONS });
const EVERYBODY = fc.constant('everybody' as const);

/** Assets first, then a random interleaving of what all accounts do. */
export function isolationScenarios(options: ScenarioOptions): Arbitrary<Scenario> {
  const every = anyAction({
    exact: options.exact,
    leaveOut: options.leaveOut ?? [],
  });
  return scenarios(
    options,
    fc.array(settling, { minLength: MIN_PRELUDE, maxLength: MAX_PRELUDE, size: 'max' }),
    fc.array(every, { maxLength: MAX_ACTIONS, size: 'max' }),
  );
}

export function authorityScenarios(options: ScenarioOptions): Arbitrary<Scenario> {
  return scenarios(
    options,
    fc.array(settling, { maxLength: 2, size: 'max' }),
    fc.array(administers, { maxLength: 8, size: 'max' }),
  );
}

/** What the model knows: messages, requests and answers. `live`: and another configuration now and then. */
export function coreScenarios(options: ScenarioOptions, live = false): Arbitrary<Scenario> {
  const { exact, leaveOut = [] } = options;
  return scenarios(
    options,
    fc.array(listening, { maxLength: MAX_PRELUDE, size: 'max' }),
    fc.array(coreOnly({ exact, live, leaveOut }), { maxLength: MAX_ACTIONS, size: 'max' }),
    EVERYBODY,
    false,
  );
}

function scenarios(
  options: ScenarioOptions,
  prelude: Arbitrary<ActionMaker[]>,
  main: Arbitrary<ActionMaker[]>,
  extra: Arbitrary<readonly number[] | 'everybody'> = SOME,
  jetstream = true,
): Arbitrary<Scenario> {
  const world =
    options.world === undefined ? worlds({ exact: options.exact, jetstream }) : fc.constant(options.world);
  return fc.tuple(world, extra, draw, prelude, main).map(([there, users, outsider, first, then]) => {
    const made = finish(there, users, outsider, [...first, ...then]);
    return options.exact || jetstream ? made : withoutQueuesAtStreams(made);
  });
}

/**
 * nats-server balances a queue name over the accounts of a stream door, Bulkhead within each (docs/differences.md): the
 * model is of no help there.
 */
function withoutQueuesAtStreams(scenario: Scenario): Scenario {
  const { world, actions } = scenario;
  if (!world.accounts.some(({ imports = [] }) => imports.some(({ kind }) => kind === 'stream')))
    return scenario;
  const plain = (action: Action): Action => {
    if (action.kind !== 'sub') return action;
    const { queue: _queue, ...rest } = action;
    return rest;
  };
  return { ...scenario, actions: actions.map(plain) };
}

/** Binds the drawn numbers to the names of the world. Every owner has a connection, some users have more. */
function finish(
  world: World,
  extra: readonly number[] | 'everybody',
  outsider: number,
  makers: readonly ActionMaker[],
): Scenario {
  const users = world.accounts.flatMap((account) => account.users.map((user) => user.name));
  const owners = world.accounts.flatMap((account) => account.users.slice(0, 1).map((user) => user.name));
  const connections =
    extra === 'everybody' ? users : [...owners, ...extra.map((n) => users[n % users.length] ?? '')];
  const names: Names = {
    accounts: world.accounts.map((account) => account.name),
    users,
    guests: users.filter((user) => !owners.includes(user)),
    guestsAt: connections.flatMap((user, by) => (owners.includes(user) ? [] : [by])),
    labels: connections.map((_, by) => labelOf({ connections }, by)),
    doors: doorsOf(world, connections),
  };
  const actions = makers.map((make) => bind(make(names), connections.length));
  return { world, connections, outsider: outsiderOf(world, connections, actions, outsider), actions };
}

/** Every door with those who stand at it. */
function doorsOf(world: World, connections: readonly string[]): DoorNames[] {
  const inside = (account: string): number[] =>
    connections.flatMap((user, by) => (accountOf(world, user) === account ? [by] : []));
  const word = (pattern: string): string => pattern.replaceAll('*', 'a').replace('>', 'b');
  return world.accounts.flatMap(({ name, imports = [] }) =>
    imports.map((taken) => ({
      kind: taken.kind,
      importers: inside(name),
      exporters: inside(taken.account),
      localPattern: localPattern(taken),
      remotePattern: taken.subject,
      local: word(localPattern(taken)),
      remote: word(taken.subject),
    })),
  );
}

/** The account that acts in a drawn action: one that does much is the likelier to do harm. */
function outsiderOf(
  world: World,
  connections: readonly string[],
  actions: readonly Action[],
  draw: number,
): string {
  const acting = actions.flatMap((action) => (isUserAction(action) ? [connections[action.by] ?? ''] : []));
  const user = acting.at(-1 - (draw % Math.max(1, acting.length))) ?? connections[0] ?? '';
  return accountOf(world, user);
}

function bind(action: Action, connections: number): Action {
  if (action.kind === 'advance') return action;
  if (action.kind === 'replay')
    return { ...action, by: action.by % connections, of: action.of % connections };
  if (action.kind !== 'reload') return { ...action, by: action.by % connections };
  const { race, ...alone } = action;
  return race === undefined ? alone : { ...alone, race: { ...race, by: race.by % connections } };
}
