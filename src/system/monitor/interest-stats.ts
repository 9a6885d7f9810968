import type { ReplyBody } from '../service.ts';
import type { AccountView } from '../view.ts';

/** Statistics of the interest in these accounts together. */
export function interestStats(accounts: readonly AccountView[]): ReplyBody {
  const sum = { count: 0, cached: 0, inserts: 0, removes: 0, matches: 0, cacheHits: 0, fanout: 0, max: 0 };
  for (const { account } of accounts) {
    const stats = account.interestStats;
    sum.count += stats.count;
    sum.cached += stats.cached;
    sum.inserts += stats.inserts;
    sum.removes += stats.removes;
    sum.matches += stats.matches;
    sum.cacheHits += stats.cacheHits;
    sum.fanout += stats.cachedEntries;
    sum.max = Math.max(sum.max, stats.mostCachedEntries);
  }
  return {
    num_subscriptions: sum.count,
    num_cache: sum.cached,
    num_inserts: sum.inserts,
    num_removes: sum.removes,
    num_matches: sum.matches,
    cache_hit_rate: ratio(sum.cacheHits, sum.matches),
    max_fanout: sum.max,
    avg_fanout: ratio(sum.fanout, sum.cached),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
