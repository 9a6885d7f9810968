import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson } from '../../src/api/index.ts';
import { World } from './world.ts';

const SUBJECTS = [
  'STREAM.CREATE.S',
  'STREAM.UPDATE.S',
  'STREAM.LIST',
  'STREAM.INFO.S',
  'STREAM.PURGE.S',
  'STREAM.MSG.GET.S',
  'STREAM.MSG.DELETE.S',
  'STREAM.RESTORE.S',
  'CONSUMER.CREATE.S',
  'CONSUMER.CREATE.S.C',
  'CONSUMER.PAUSE.S.C',
  'CONSUMER.UNPIN.S.C',
  'CONSUMER.MSG.NEXT.S.C',
  'DIRECT.GET.S',
];

/** JSON that fits the fields' names more often than chance would make it. */
const bodies = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .dictionary(
      fc.constantFrom(
        'name',
        'stream_name',
        'config',
        'seq',
        'subjects',
        'metadata',
        'offset',
        'batch',
        'max_msgs',
        'start_time',
      ),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('S', 'C', '2020-01-01T00:00:00Z', 9007199254740993n, -1),
      ),
    )
    .map((body) => encodeJson(body)),
);

describe('the API', () => {
  it('answers whatever payload comes, and nothing breaks', () => {
    const world = new World();
    world.ask('OWNER', '$JS.API.STREAM.CREATE.S', { name: 'S', storage: 'memory', allow_direct: true });
    world.ask('OWNER', '$JS.API.CONSUMER.CREATE.S.C', { stream_name: 'S', config: { durable_name: 'C' } });
    fc.assert(
      fc.property(fc.constantFrom(...SUBJECTS), bodies, (subject, body) => {
        const answers = world.ask('OWNER', `$JS.API.${subject}`, body);
        expect(world.bugs).toEqual([]);
        for (const { payload } of answers) if (payload.startsWith('{')) JSON.parse(payload);
      }),
      { numRuns: 500, seed: 30215 },
    );
  });
});
