import type { Account } from '../accounts/index.ts';
import type { Guard } from '../guard/index.ts';
import type { LogSink } from './log.ts';
import { RefusalEvents, type RefusalEventsHost } from './refusal-events.ts';
import { RefusalLog } from './refusal-log.ts';

/**
 * Refusals are told in the log, and to whoever listens in the system account. Both listen to the guard's decisions, as
 * `on('decision', …)` and the counters of rules do.
 * @param connecting the connection whose login is being decided.
 */
export function tellRefusals(
  guard: Guard,
  log: LogSink,
  system: Account | undefined,
  host: RefusalEventsHost,
  connecting: () => string | undefined,
): void {
  const lines = new RefusalLog(log, host.clock, connecting);
  guard.observe((refusal) => lines.refused(refusal), { refusalsOnly: true });
  if (system === undefined) return;
  const events = new RefusalEvents(system, host);
  guard.observe((refusal) => events.refused(refusal), { refusalsOnly: true });
}
