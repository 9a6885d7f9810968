import type { PermissionsOptions, SubjectPermission } from '../../config/index.ts';
import { BoundaryModel, type Outcome as Expectation, type Interest } from '../../model/index.ts';
import { type ByteString, toBytes } from '../../subjects/index.ts';
import { type Action, actorOf, labelOf, type Scenario, userOf } from '../actions.ts';
import type { Finding } from '../finding.ts';
import type { Outcome } from '../run.ts';
import { accountOf, markOf, type WorldSide, type WorldUser } from '../world.ts';

/** Server and model must say alike who receives each message. */
export function judgeAgreement(scenario: Scenario, outcome: Outcome): Finding | undefined {
  const expected = expectations(scenario);
  const received = deliveries(outcome);
  const details: string[] = [];
  for (const mark of new Set([...expected.keys(), ...received.keys()])) {
    const wanted = expected.get(mark) ?? { all: [], oneOf: [] };
    const got = received.get(mark) ?? [];
    if (!agrees(wanted, got))
      details.push(`message ${mark}: expected ${wantedText(wanted)}; received by ${list(got)}`);
  }
  return details.length === 0
    ? undefined
    : { oracle: 'agreement', summary: 'server and model disagree about who receives', details };
}

/** Where a message is expected, by the mark in its payload. */
function expectations(scenario: Scenario): Map<string, Expectation> {
  const script = new Script(scenario);
  for (const action of scenario.actions) script.play(action);
  return script.expected;
}

interface Publication {
  readonly subject: string;
  readonly reply?: string;
}

/** Plays a scenario on the model, with the same counting of sids and messages as the real actors. */
class Script {
  readonly expected = new Map<string, Expectation>();
  readonly #scenario: Scenario;
  readonly #model = new BoundaryModel();
  readonly #open = new Set<string>();
  readonly #sids = new Map<string, number>();
  readonly #messages = new Map<string, number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  play(action: Action): void {
    if (action.kind === 'advance') return;
    const label = labelOf(this.#scenario, action.by);
    if (action.kind === 'close') {
      this.#open.delete(label);
      this.#model.disconnect(label);
      return;
    }
    this.#ready(label, userOf(this.#scenario, action.by));
    const sid = this.#sids.get(label) ?? 0;
    if (action.kind === 'unsub') this.#model.unsubscribe(label, String(sid - action.nth));
    if (action.kind === 'sub') {
      this.#sids.set(label, sid + 1);
      this.#model.subscribe({
        connection: label,
        sid: String(sid + 1),
        subject: action.subject,
        queue: action.queue,
      });
    }
    if (action.kind === 'pub') this.#publish(label, actorOf(this.#scenario, action) ?? '', action);
  }

  #ready(label: string, user: string): void {
    if (this.#open.has(label)) return;
    this.#open.add(label);
    const { world } = this.#scenario;
    const found = world.accounts.flatMap((account) => account.users).find((each) => each.name === user);
    this.#model.connect(
      label,
      accountOf(world, user),
      found === undefined ? undefined : permissionsOf(found),
    );
    this.#model.subscribe({
      connection: label,
      sid: 'inbox',
      subject: `_INBOX.${label}.*`,
      queue: undefined,
    });
  }

  #publish(label: string, account: string, { subject, reply }: Publication): void {
    const n = (this.#messages.get(label) ?? 0) + 1;
    this.#messages.set(label, n);
    this.expected.set(`${markOf(account)}/${label}/${n}`, this.#model.publish(label, subject, reply));
  }
}

function permissionsOf(user: WorldUser): PermissionsOptions {
  return {
    ...(user.publish === undefined ? {} : { publish: sideOf(user.publish) }),
    ...(user.subscribe === undefined ? {} : { subscribe: sideOf(user.subscribe) }),
  };
}

function sideOf(side: WorldSide): SubjectPermission {
  return {
    ...(side.allow === undefined ? {} : { allow: side.allow.map(entry) }),
    ...(side.deny === undefined ? {} : { deny: side.deny.map(entry) }),
  };
}

function entry(subject: string): { subject: ByteString } {
  return { subject: toBytes(subject) };
}

/** What answers of the server itself never look like. */
const MARKED = /^K[0-9a-f]+\//;

/** The receivers of each marked message, as `label/sid`. */
function deliveries(outcome: Outcome): Map<string, string[]> {
  const received = new Map<string, string[]>();
  for (const { label, frames } of outcome.records) {
    for (const frame of frames) {
      if (frame.op !== 'MSG' || !MARKED.test(frame.payload)) continue;
      const known = received.get(frame.payload) ?? [];
      known.push(`${label}/${frame.sid}`);
      received.set(frame.payload, known);
    }
  }
  return received;
}

function nameOf({ connection, sid }: Interest): string {
  return `${connection}/${sid}`;
}

/** Takes the certain receivers out of what came; each group then explains exactly one of what is left. */
function agrees(wanted: Expectation, got: readonly string[]): boolean {
  const rest = [...got];
  for (const interest of wanted.all) {
    const at = rest.indexOf(nameOf(interest));
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  for (const group of wanted.oneOf) {
    const members = group.map(nameOf);
    const at = rest.findIndex((each) => members.includes(each));
    if (at === -1) return false;
    rest.splice(at, 1);
  }
  return rest.length === 0;
}

function wantedText({ all, oneOf }: Expectation): string {
  const groups = oneOf.map((group) => `one of ${list(group.map(nameOf))}`);
  return [list(all.map(nameOf)), ...groups].join(' and ');
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nobody' : names.join(', ');
}
