import { type ByteString, overlaps, toText } from '../../subjects/index.ts';
import { patternOf } from '../access.ts';
import type { Finding } from '../report.ts';
import type { Offer, World } from '../world.ts';
import { type Findable, finding, list, personNames } from './draft.ts';

const API = '$JS.API.>' as ByteString;
/** Requests that are answered by more than one message. */
const PULLS = ['$JS.API.CONSUMER.MSG.NEXT.<stream>.<consumer>', '$JS.API.DIRECT.GET.<stream>'].map(patternOf);
/** Endpoints that change or delete what an account stores. */
const CHANGING = [
  '$JS.API.STREAM.CREATE.<stream>',
  '$JS.API.STREAM.UPDATE.<stream>',
  '$JS.API.STREAM.DELETE.<stream>',
  '$JS.API.STREAM.PURGE.<stream>',
  '$JS.API.STREAM.MSG.DELETE.<stream>',
  '$JS.API.STREAM.RESTORE.<stream>',
  '$JS.API.CONSUMER.DELETE.<stream>.<consumer>',
].map(patternOf);

/** Who has reach beyond an ordinary account. */
export function systemFindings({ world }: Findable): Finding[] {
  return [
    ...systemUsers(world),
    ...systemDoors(world),
    ...world.realms.flatMap((realm) => (realm === world.system ? [] : realm.offers.flatMap(apiExport))),
  ];
}

function systemUsers({ system }: World): Finding[] {
  if (system === undefined || system.people.length === 0) return [];
  const message = `${list(personNames(system.people))} of the system account ${system.text} see and administer all accounts.`;
  const at = system.people.flatMap(({ persons }) => persons.map(({ options }) => options?.at));
  return [finding('system-users', message, { realm: system, at })];
}

function systemDoors({ system, doors }: World): Finding[] {
  if (system === undefined) return [];
  const imports = doors.flatMap(({ exporter, importer, options, kind, remote }) => {
    if (exporter !== system || options === undefined) return [];
    const message = `Account ${importer.text} imports the ${kind} ${toText(remote)} of the system account.`;
    return [finding('imports-from-system', message, { realm: importer, at: [options.at] })];
  });
  const exports = system.offers.flatMap(({ options, kind, subject }) => {
    if (options === undefined) return [];
    const whom = options.accounts === undefined ? 'every account' : list(options.accounts.map(toText));
    const message = `The system account offers the ${kind} ${toText(subject)} to ${whom}.`;
    return [finding('system-exports', message, { realm: system, at: [options.at] })];
  });
  return [...imports, ...exports];
}

/** Exports of a tenant's own JetStream. */
function apiExport({ exporter, kind, subject, options }: Offer): Finding[] {
  if (kind !== 'service' || options === undefined || !overlaps(subject, API) || !exporter.hasJetStream)
    return [];
  const whom = options.accounts === undefined ? 'every account' : list(options.accounts.map(toText));
  const changes = CHANGING.filter((pattern) => overlaps(pattern, subject));
  const where = { realm: exporter, at: [options.at] };
  const found: Finding[] = [];
  if (changes.length > 0) {
    const severity = options.accounts === undefined ? 'high' : 'medium';
    const message = `${toText(subject)} is offered to ${whom}: whoever imports it can use ${list(changes.map(toText))} on account ${exporter.text}.`;
    found.push(finding('exports-jetstream-api', message, { ...where, severity }));
  } else {
    const message = `${toText(subject)} of account ${exporter.text} is offered to ${whom}.`;
    found.push(finding('exports-jetstream-read', message, where));
  }
  const pulls = PULLS.filter((pattern) => overlaps(pattern, subject));
  if (options.responseType === 'singleton' && pulls.length > 0) {
    const message = `${toText(subject)} of account ${exporter.text} lets one answer through: of a pull of several messages the first arrives, the rest stays unacknowledged.`;
    found.push(finding('singleton-pull', message, where));
  }
  return found;
}
