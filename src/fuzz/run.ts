import { influence } from '../model/index.ts';
import { type Action, actorOf, type Scenario, userOf } from './actions.ts';
import type { Deed } from './journal.ts';
import { probe } from './probe.ts';
import { type Actor, perform, Stage } from './stage.ts';
import type { AuditRecord, Session, Target } from './target.ts';
import { type Frame, openClient } from './wire-client.ts';
import { passwordOf } from './world.ts';

/** What one receiver saw: a connection of the scenario, or an account's probe. */
export interface Sight {
  readonly label: string;
  readonly account: string;
  readonly frames: readonly Frame[];
  /** Queue of a subscription, by sid. */
  readonly queues: ReadonlyMap<string, string>;
}

/** Everything there is to see of one run. */
export interface Outcome {
  readonly records: readonly Sight[];
  /** What was done, names and numbers filled in. */
  readonly deeds: readonly Deed[];
  readonly audit: readonly AuditRecord[] | undefined;
  /** Whether fresh connections were answered at the end. */
  readonly alive: boolean;
}

/** What a run leaves out. */
export interface RunOptions {
  /** Leaves out everything this account does. */
  readonly without?: string;
  /** Whether accounts look at themselves at the end; they do unless told not to. */
  readonly probes?: boolean;
}

/** Runs a scenario on a session of its own. */
export async function runScenario(
  target: Target,
  scenario: Scenario,
  options: RunOptions = {},
): Promise<Outcome> {
  const session = await target.start(scenario.world);
  try {
    const stage = new Stage(scenario, session);
    await play(stage, scenario.actions, options.without);
    await quiet(stage);
    return await look(stage, { ...options, fresh: target.exact });
  } finally {
    await session.stop();
  }
}

/** Performs actions in order, without those of one account. */
export async function play(stage: Stage, actions: readonly Action[], without?: string): Promise<void> {
  for (const action of actions) {
    if (without === undefined) await perform(stage, action);
    else if (actorOf(stage.scenario, action) !== without)
      await perform(stage, peaceful(stage, action, without));
  }
}

/** A change of the configuration happens anyhow, but nobody who is left out races it. */
function peaceful({ actors }: Stage, action: Action, without: string): Action {
  if (action.kind !== 'reload' || action.race === undefined) return action;
  const { race, ...alone } = action;
  return actors[race.by]?.account === without ? alone : action;
}

const MAX_ROUNDS = 20;

/** Barriers on all connections until a round brings nothing new. */
export async function quiet({ session, actors }: Stage): Promise<void> {
  let before = -1;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await session.settle();
    await Promise.all(actors.map((actor) => actor.client?.ping()));
    const now = actors.reduce((sum, actor) => sum + actor.seen, 0);
    if (now === before) return;
    before = now;
  }
}

/**
 * Collects what the connections saw, then probes: the outsider and those it has a way to last, so that their questions
 * come after all answers that are compared.
 */
async function look(
  { session, scenario, actors, journal: { deeds } }: Stage,
  { without, probes = true, fresh }: RunOptions & { fresh: boolean },
): Promise<Outcome> {
  const records: Sight[] = actors.map(sightOf);
  if (!probes) return { records, deeds, audit: session.audit(), alive: await isAlive(session, scenario) };
  const within = influence(scenario.world.accounts).get(scenario.outsider);
  const others = scenario.world.accounts.filter(({ name }) => !within?.has(name));
  // Without the outsider nobody compares what those beside it see.
  const beside = without === undefined ? scenario.world.accounts.filter(({ name }) => within?.has(name)) : [];
  let alive = true;
  for (const account of [...others, ...beside]) {
    const result = await probe(session, account, fresh);
    alive &&= result.alive;
    records.push({
      label: `probe of ${account.name}`,
      account: account.name,
      frames: result.frames,
      queues: new Map(),
    });
  }
  return { records, deeds, audit: session.audit(), alive };
}

function sightOf({ label, account, frames, queues }: Actor): Sight {
  return { label, account, frames, queues };
}

/** Whether a fresh connection is answered. */
async function isAlive(session: Session, scenario: Scenario): Promise<boolean> {
  const user = userOf(scenario, 0);
  const client = await openClient(await session.socket(), user, passwordOf(user), 'alive');
  const alive = await client.ping();
  client.close();
  return alive;
}
