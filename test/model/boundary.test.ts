import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainPattern, plainSubject } from '../../src/fuzz/generators/subjects.ts';
import {
  BoundaryModel,
  type Delivery,
  type Offer,
  type Outcome,
  type Tenant,
} from '../../src/model/index.ts';

/** The model is told in words of its own what it has to say; the fuzzers hold it against the server. */

const pattern = fc.oneof(plainPattern, fc.constantFrom('>', '*', '*.>', 'a..b', 'a.'));
const subject = fc.oneof(plainSubject, fc.constantFrom('a..b', '.a', 'a.', 'a.*', 'a.>'));
const APART: readonly Tenant[] = [{ name: 'A' }, { name: 'B' }];

function offer(kind: Offer['kind'], text: string, more: Partial<Offer> = {}): Offer {
  return { kind, subject: text, responseType: 'singleton', thresholdMs: 1000, ...more };
}

/** A model with connections named after their accounts in lower case. */
function modelOf(tenants: readonly Tenant[]): BoundaryModel {
  const model = new BoundaryModel(tenants);
  for (const { name } of tenants) model.connect(name.toLowerCase(), name, {});
  return model;
}

function listen(
  model: BoundaryModel,
  connection: string,
  sid: string,
  text: string,
  queue?: string,
): boolean {
  return model.subscribe({ connection, sid, subject: text, queue });
}

/** Publishes where there is one outcome, and lets it happen. */
function publish(model: BoundaryModel, from: string, text: string, reply = '', isEmpty = false): Outcome {
  const [outcome, ...others] = model.publish(from, { subject: text, reply, isEmpty });
  if (outcome === undefined || others.length > 0) throw new Error('one outcome was expected');
  model.settle(outcome, outcome.all);
  return outcome;
}

const seen = ({ all }: Outcome): string[] =>
  all.map(({ connection, subject: text }) => `${connection} ${text}`);
const replyOf = ({ all }: Outcome): string => (all[0] as Delivery).reply;

describe('inside an account', () => {
  test('no message leaves without a door', () => {
    fc.assert(
      fc.property(pattern, subject, (p, s) => {
        const model = modelOf(APART);
        listen(model, 'b', '1', p);
        listen(model, 'b', '2', p, 'q');
        expect(publish(model, 'a', s)).toMatchObject({ all: [], oneOf: [] });
      }),
    );
  });

  test('a denied subject is filtered out of a wider subscription', () => {
    const model = modelOf(APART);
    model.connect('a', 'A', { subscribe: { deny: ['x.secret'] } });
    expect(listen(model, 'a', '1', 'x.*')).toBe(true);
    expect(listen(model, 'a', '2', 'x.secret')).toBe(false);
    expect(seen(publish(model, 'a', 'x.secret'))).toEqual([]);
    expect(seen(publish(model, 'a', 'x.open'))).toEqual(['a x.open']);
  });

  test('a deny with a queue speaks of that queue alone', () => {
    const model = modelOf(APART);
    model.connect('a', 'A', { subscribe: { deny: ['x q'] } });
    expect(listen(model, 'a', '1', 'x')).toBe(true);
    expect(listen(model, 'a', '2', 'x', 'q')).toBe(false);
    expect(listen(model, 'a', '3', 'x', 'r')).toBe(true);
  });

  test('equal queue names on different subjects are one group', () => {
    const model = modelOf(APART);
    listen(model, 'a', '1', 'x.*', 'q');
    listen(model, 'a', '2', 'x.>', 'q');
    listen(model, 'a', '3', 'x.y', 'r');
    expect(publish(model, 'a', 'x.y').oneOf.map((group) => group.length)).toEqual([2, 1]);
  });

  test('a reply that the server uses for itself is refused', () => {
    const model = modelOf(APART);
    listen(model, 'a', '1', '>');
    expect(seen(publish(model, 'a', 'x', '_R_.a.b'))).toEqual([]);
    expect(seen(publish(model, 'a', 'x', '_INBOX.a'))).toEqual(['a x']);
  });

  test('a mapping with weights may go each way', () => {
    const destinations = [{ subject: 'y', weight: 30 }];
    const model = modelOf([{ name: 'A', mappings: [{ source: 'x', destinations }] }]);
    listen(model, 'a', '1', '>');
    const outcomes = model.publish('a', { subject: 'x', reply: '', isEmpty: false });
    expect(outcomes.map(seen)).toEqual([['a y'], ['a x']]);
  });

  test('allow_responses lets out what was asked for, once and in time', () => {
    const model = modelOf(APART);
    model.connect('a2', 'A', { responses: { max: 1, expiresMs: 1000 } });
    listen(model, 'a', '1', 'back');
    listen(model, 'a2', '1', 'ask');
    publish(model, 'a', 'ask', 'back');
    expect([1, 2].map(() => seen(publish(model, 'a2', 'back')))).toEqual([['a back'], []]);
    publish(model, 'a', 'ask', 'back');
    model.advance(1000);
    expect(seen(publish(model, 'a2', 'back'))).toEqual([]);
  });
});

describe('a stream door', () => {
  const tenants: readonly Tenant[] = [
    { name: 'A', exports: [offer('stream', 'x.>'), offer('stream', 'y.>', { accounts: ['C'] })] },
    { name: 'B', imports: [{ kind: 'stream', account: 'A', subject: 'x.*.*', to: 'got.$2.$1' }] },
    { name: 'C', imports: [{ kind: 'stream', account: 'B', subject: 'got.>' }] },
    { name: 'D', imports: [{ kind: 'stream', account: 'A', subject: 'y.>' }] },
  ];

  test('gives messages out under the importer’s name, and leads no further', () => {
    const model = modelOf(tenants);
    for (const name of ['b', 'c', 'd']) listen(model, name, '1', '>');
    expect(seen(publish(model, 'a', 'x.1.2'))).toEqual(['b got.2.1']);
    expect(seen(publish(model, 'b', 'got.2.1'))).toEqual(['b got.2.1']);
    expect(seen(publish(model, 'a', 'y.1'))).toEqual([]);
  });
});

describe('a service door', () => {
  const tenants = (more: Partial<Offer> = {}): readonly Tenant[] => [
    { name: 'A', exports: [offer('service', 'do.*', more)] },
    {
      name: 'B',
      exports: [offer('service', 'ask.*')],
      imports: [{ kind: 'service', account: 'A', subject: 'do.*', to: 'ask.*' }],
    },
    { name: 'C', imports: [{ kind: 'service', account: 'B', subject: 'ask.x', to: 'far' }] },
  ];
  const ready = (more: Partial<Offer> = {}): BoundaryModel => {
    const model = modelOf(tenants(more));
    listen(model, 'a', '1', 'do.>');
    for (const name of ['b', 'c']) listen(model, name, '9', 'in');
    return model;
  };

  test('takes a request through a chain and one answer back', () => {
    const model = ready();
    const asked = publish(model, 'c', 'far', 'in');
    expect(seen(asked)).toEqual(['a do.x']);
    expect([1, 2].map(() => seen(publish(model, 'a', replyOf(asked))))).toEqual([['c in'], []]);
  });

  test('a third account has no use for the way back', () => {
    const model = ready();
    const asked = publish(model, 'b', 'ask.x', 'in');
    expect(seen(publish(model, 'c', replyOf(asked)))).toEqual([]);
    expect(seen(publish(model, 'a', replyOf(asked)))).toEqual(['b in']);
  });

  test('answers of a stream go on until an empty one', () => {
    const model = ready({ responseType: 'stream' });
    const reply = replyOf(publish(model, 'b', 'ask.x', 'in'));
    const answers = [false, false, true, false].map((isEmpty) =>
      seen(publish(model, 'a', reply, '', isEmpty)),
    );
    expect(answers).toEqual([['b in'], ['b in'], ['b in'], []]);
  });

  test('an answer renews the way back, silence ends it', () => {
    const model = ready({ responseType: 'stream' });
    const reply = replyOf(publish(model, 'b', 'ask.x', 'in'));
    const answers = [900, 900, 1000].map((ms) => {
      model.advance(ms);
      return seen(publish(model, 'a', reply));
    });
    expect(answers).toEqual([['b in'], ['b in'], []]);
  });

  test('nobody there is told with the requester’s own name for it', () => {
    const model = modelOf(tenants());
    expect(publish(model, 'c', 'far', 'in').noResponders).toBe('far');
  });

  test('shut and opened again it has lost its ways back', () => {
    const model = ready();
    const reply = replyOf(publish(model, 'b', 'ask.x', 'in'));
    model.reload([{ name: 'A' }, { name: 'B' }, { name: 'C' }], () => ({}));
    model.reload(tenants(), () => ({}));
    expect(seen(publish(model, 'a', reply))).toEqual([]);
  });
});
