import { payloadIgnored, plainOptions } from './request-options.ts';
import { type Service, ServiceError, service } from './service.ts';

const NO_CLIENT = 'no such client id';
const NO_CLIENT_OR_LEAF = 'no such client or leafnode id';

/** The services that change something: each addressed to one server by its id, never to all. */
export const CONTROL_SERVICES: readonly Service[] = [
  service({
    subject: '$SYS.REQ.SERVER.<server>.RELOAD',
    scope: 'system',
    request: payloadIgnored(),
    answer: 'done',
    doc: 'Reads the configuration again; with errors the old one stays in force.',
    effect: 'full',
    async handle({ server }) {
      try {
        await server.controls.reload();
      } catch (error) {
        throw new ServiceError(error instanceof Error ? error.message : String(error));
      }
      return undefined;
    },
  }),
  service({
    subject: '$SYS.REQ.SERVER.<server>.KICK',
    scope: 'system',
    request: plainOptions('KickClientReq', { cid: 'uint64' }),
    badRequest: 'silent',
    answer: 'done',
    doc: 'Ends the connection with this id, without an error line.',
    effect: 'full',
    handle({ server }, { options }) {
      if (!server.controls.kick(options.cid ?? 0)) throw new ServiceError(NO_CLIENT_OR_LEAF);
      return undefined;
    },
  }),
  service({
    subject: '$SYS.REQ.SERVER.<server>.LDM',
    scope: 'system',
    request: plainOptions('LDMClientReq', { cid: 'uint64' }),
    badRequest: 'silent',
    answer: 'done',
    doc: 'Tells the client with this id, by an INFO with `ldm`, to look for another server.',
    effect: 'full',
    handle({ server }, { options }) {
      if (!server.controls.warnLameDuck(options.cid ?? 0)) throw new ServiceError(NO_CLIENT);
      return undefined;
    },
  }),
];
