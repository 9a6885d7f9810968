import { toText } from '../subjects/index.ts';
import { textRequest } from './request-options.ts';
import { type Service, ServiceError, service } from './service.ts';

/** A server that can say why; nats-server has no such service. */
export const EXPLAIN_SERVICES: readonly Service[] = [
  service({
    subject: '$SYS.REQ.SERVER.PING.EXPLAIN',
    scope: 'system',
    request: textRequest(),
    answer: 'data',
    doc: 'Why a user may do something or may not, by which rules: `bulkhead explain --server` asks it. Bulkhead only.',
    effect: 'full',
    async handle({ server }, { text }) {
      try {
        return await server.controls.explain(toText(text));
      } catch (error) {
        throw new ServiceError(error instanceof Error ? error.message : String(error), 400);
      }
    },
  }),
];
