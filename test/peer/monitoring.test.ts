import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOORS, spokenOf } from '../server/doors-varz.ts';
import { fetchFrom, fieldsOf, fixed, populate, RECORDED } from '../server/monitoring-support.ts';
import { RECORDED_WORLD } from '../system/support.ts';
import { freePort, type RunningTarget, realServer } from './targets.ts';

/** The recording that the default suite compares Bulkhead with is what the real server answers. */
describe('monitoring of the real server', () => {
  let real: RunningTarget;
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // The folder is said by a flag there.
    const config = RECORDED_WORLD.replace(/store_dir: "[^"]*",/, '');
    real = await realServer(`http: "127.0.0.1:${port}"\n${config}`);
    await populate({ socket: () => real.open() }, url);
  });
  afterAll(() => real?.stop());

  it('has the fields that were recorded', async () => {
    for (const { target, fields } of RECORDED.pages) {
      const got = fieldsOf(JSON.parse((await fetchFrom(url, target)).body));
      expect({ target, fields: fixed(got) }).toEqual({ target, fields: fixed(fields) });
    }
  });

  it('refuses in the words that were recorded', async () => {
    for (const { target, ...wanted } of RECORDED.answers) {
      const { status, type, body } = await fetchFrom(url, target);
      expect({ target, status, type, body }).toEqual({ target, ...wanted });
    }
  });
});

/** What Bulkhead is held to in `test/server/monitoring-doors.test.ts` is what the real server tells of its listeners. */
describe('listeners of the real server', () => {
  it.each(DOORS)('are told of as recorded: $name', async (each) => {
    const port = await freePort();
    const config = { http: `127.0.0.1:${port}`, host: '127.0.0.1', ...each.config };
    const real = await realServer(JSON.stringify(config));
    try {
      const varz = JSON.parse((await fetchFrom(`http://127.0.0.1:${port}`, '/varz')).body);
      expect(spokenOf(varz, each)).toEqual(each.varz);
    } finally {
      await real.stop();
    }
  });
});
