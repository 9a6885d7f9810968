import type { ReplyBody } from '../service.ts';
import type { HouseView, SystemView } from '../view.ts';
import { nowText } from './times.ts';

/** Reports on what one server in memory does not have: true, and empty. Fields as the real server's. */
export function routez(house: HouseView): ReplyBody {
  return { server_id: house.id, server_name: house.name, now: nowText(house), num_routes: 0, routes: [] };
}

export function gatewayz(house: HouseView): ReplyBody {
  return { server_id: house.id, now: nowText(house), outbound_gateways: {}, inbound_gateways: {} };
}

export function leafz(house: HouseView): ReplyBody {
  return { server_id: house.id, now: nowText(house), leafnodes: 0, leafs: [] };
}

export function ipqueuesz(): ReplyBody {
  return {};
}

/** What the page says where the service answers with nothing (measured on 2.14.5). */
export const NO_RAFT = 'No Raft nodes registered';

/** What the one thread waits for, by kind: it is at work on this very answer, so that its stack would say nothing. */
export function stacksz({ process }: SystemView): string {
  const waits = Object.entries(process.waitsFor()).map(([kind, count]) => `\t${kind}: ${count}\n`);
  return `thread 1 [running]:\n${waits.join('')}`;
}

export function raftz(): ReplyBody {
  return {};
}

/** The process without its arguments: they may hold a password (CVE-2026-33247). */
export function expvarz({ process }: SystemView): ReplyBody {
  return { memstats: process.memoryStats(), cmdline: [] };
}

export function profilez(name: string | undefined): ReplyBody {
  const error =
    name === undefined || name === '' ? 'Profile name not specified' : `Profile "${name}" not found`;
  return { profile: null, error };
}
