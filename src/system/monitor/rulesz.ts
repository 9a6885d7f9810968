import { RULES, type RuleId } from '../../guard/index.ts';
import type { OptionsOf } from '../request-options.ts';
import type { ReplyBody } from '../service.ts';
import type { SystemView } from '../view.ts';
import { nowText } from './times.ts';

/** What the list of rules may be asked for. */
export const RULESZ_OPTIONS = { all: 'bool' } as const;

export type RuleszOptions = OptionsOf<typeof RULESZ_OPTIONS>;

/**
 * How often each rule of the guard decided, and what it promises. A verdict that was kept and used again counts once.
 * The real server has nothing of the kind.
 */
export function rulesz(server: SystemView, options: RuleszOptions): ReplyBody {
  const counters = server.ruleCounters();
  const ids = Object.keys(RULES) as RuleId[];
  const shown = options.all === true ? ids : ids.filter((id) => counters[id] !== undefined);
  const rules = shown.map((rule) => {
    const { decision, outcome, promise } = RULES[rule];
    const { allowed = 0, refused = 0 } = counters[rule] ?? {};
    return { rule, decision, outcome, allowed, refused, promise };
  });
  return {
    server_id: server.id,
    now: nowText(server),
    allowed: rules.reduce((sum, { allowed }) => sum + allowed, 0),
    refused: rules.reduce((sum, { refused }) => sum + refused, 0),
    rules,
  };
}
