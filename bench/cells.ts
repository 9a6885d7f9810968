/** A load that both servers are put under. The generator in `loadgen/` knows how to drive it, by its name. */
export interface Cell {
  readonly name: string;
  /** How many of the `--messages` this cell moves: the dearer a message, the smaller the share. */
  readonly share: number;
  /** What is counted as one message. */
  readonly unit: string;
}

/** Every cell, in the order in which they run. Payloads are 128 bytes. */
export const CELLS: readonly Cell[] = [
  { name: 'publish', share: 1, unit: 'a publish nobody receives' },
  { name: 'publish-subscribe', share: 0.5, unit: 'a delivery, one subscriber' },
  { name: 'fan-out', share: 0.5, unit: 'a delivery, each publish to four subscribers' },
  { name: 'request', share: 0.05, unit: 'a request with its reply, 64 in flight' },
  { name: 'request-single', share: 0.005, unit: 'a request with its reply, one at a time' },
  {
    name: 'js-publish',
    share: 0.1,
    unit: 'a publish with its acknowledgement, 500 in flight, memory storage',
  },
  { name: 'js-consume', share: 0.05, unit: 'a delivery with its acknowledgement, pulled by 500' },
];

/** The number of messages a cell moves when the whole run is scaled to `messages`. */
export function messagesOf(cell: Cell, messages: number): number {
  return Math.max(1, Math.round(messages * cell.share));
}

/** The cells named in a comma-separated list, in the order of the table; every cell without a list. */
export function selectCells(list: string | undefined): readonly Cell[] {
  if (list === undefined) return CELLS;
  const wanted = new Set(list.split(','));
  const selected = CELLS.filter((cell) => wanted.delete(cell.name));
  if (wanted.size > 0) {
    const known = CELLS.map((cell) => cell.name).join(', ');
    throw new Error(`no cell '${[...wanted].join("', '")}'; wanted some of ${known}`);
  }
  return selected;
}
