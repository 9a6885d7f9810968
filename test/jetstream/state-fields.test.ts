import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/**
 * Every field of the classes that hold a stream's state, and what becomes of it in a saved state: `saved` is written and
 * read by the class itself or by `state/`; `rest` comes from the configuration, is found anew when a state is loaded
 * (indexes, counts, timers), belongs to connections, or is scratch. Whoever adds a field decides here, and if it is
 * state adds it to `save` and `load`.
 */
const CLASSES: Readonly<Record<string, { readonly saved: string; readonly rest: string }>> = {
  'stream/stream.ts Stream': {
    saved: 'name created store #consumers trimmer dedupe expiries schedules inflows #ingest #config',
    rest: 'jetstream footprint #index #followers #aging #sweep #subscriptions #settledBytes #closed',
  },
  'publish/ingest.ts Ingest': {
    saved: '#hand',
    rest:
      '#stream #headers #acks #counting #batches #transform #republisher #leastSeconds #random ' +
      '#changedSubject #changed',
  },
  'publish/message-in-hand.ts MessageInHand': {
    saved: 'ids',
    rest: 'headers seq isDuplicate seconds schedule #stream',
  },
  'publish/counting.ts Counting': { saved: '', rest: 'isOn value #stream #hand #counted' },
  'batch/batches.ts Batches': { saved: '', rest: 'fast atomic #stream #parts' },
  'publish/message-ids.ts MessageIds': { saved: 'last', rest: '#stream #headers' },
  'store/store.ts MessageStore': {
    saved: 'storage #slabs #subjects #firstSeq #lastSeq #lastMs #lastNs',
    rest: '#index #search #messages #bytes',
  },
  'publish/dedupe.ts DedupeWindow': {
    saved: '#seq #ms #bytes #length #start',
    rest: '#budget #seed #windowMs #hash #places #head #tail #bytesTail #soughtHash',
  },
  'store/expiries.ts Expiries': { saved: '#due #seq #size', rest: '#budget #store' },
  'schedule/schedules.ts Schedules': { saved: '#due', rest: '#stream' },
  'stream/trim.ts Trimmer': { saved: '#rolled', rest: '#stream #subjects #crowded' },
  'source/inflows.ts Inflows': { saved: '#all #saved', rest: '#stream' },
  'source/inflow.ts Inflow': {
    saved: 'source #position',
    rest: 'stream isMirror route #key #view #feed #isOpen #seek #contact #error',
  },
  'consumer/consumer.ts Consumer': {
    saved: 'name created #ledger #cursor #pull #handout #pause #idleness #config',
    rest:
      'footprint listener #stream #env #advisories #supply #ackPrefix #acks #push #turns #statuses #random ' +
      '#isStopping #closed',
  },
  'consumer/stream-listener.ts StreamListener': {
    saved: '',
    rest: '#store #cursor #ledger #supply #advisories #turns #filter #lastHeard',
  },
  'consumer/run-turns.ts RunTurns': { saved: '', rest: 'isDue #env #taker #alarm #isQueued' },
  'consumer/ack-desk.ts AckDesk': { saved: '', rest: '#effects #config #samplePercent' },
  'consumer/idleness.ts Idleness': { saved: '#lastUsed', rest: '#thresholdMs' },
  'consumer/pause.ts Pause': { saved: '#text #until', rest: '#clock #advisories' },
  'consumer/handout.ts Handout': { saved: '#pace', rest: 'outlet #parts #config #notBefore' },
  'consumer/pace.ts Pace': { saved: '#notBefore #lastStored #lastSent', rest: '#bitsPerMs #original' },
  'consumer/pull-desk.ts PullDesk': { saved: 'pin', rest: 'queue #config #policy' },
  'consumer/priority.ts Pin': {
    saved: '#id #group #since #expiresAt',
    rest: '#clock #advisories #newId #timeoutMs',
  },
  'consumer/cursor.ts Cursor': { saved: 'next #list #listAt', rest: '#store #filter #pending #resting' },
  'consumer/ledger.ts Ledger': {
    saved: 'pending redeliveries deliveredSeq deliveredStream floorSeq floorStream lastDelivered lastSettled',
    rest: '',
  },
  'consumer/pending.ts PendingAcks': {
    saved: '#seqs #consumerSeqs #sentAt #dueAt #counts #flags',
    rest: '#memory #head #end #firstLive #used #nextDue live redelivered',
  },
  'consumer/redelivery.ts SeqQueue': { saved: '#ring length', rest: '#head' },
};

/** The fields that a class declares, one a line, two spaces in. */
function fieldsOf(file: string, name: string): string[] {
  const text = readFileSync(new URL(`../../src/jetstream/${file}`, import.meta.url), 'utf8');
  const start = text.indexOf(`export class ${name}`);
  if (start < 0) throw new Error(`${file} has no class ${name}`);
  const body = text.slice(start, text.indexOf('\n}\n', start));
  return [...body.matchAll(/^ {2}(?:readonly )?(#?[A-Za-z]\w*)(?:: | = )/gm)].map(([, field = '']) => field);
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

describe('a saved state', () => {
  it.each(Object.entries(CLASSES))('knows every field of %s', (place, { saved, rest }) => {
    const [file = '', name = ''] = place.split(' ');
    expect(fieldsOf(file, name).sort()).toEqual([...words(saved), ...words(rest)].sort());
  });
});
