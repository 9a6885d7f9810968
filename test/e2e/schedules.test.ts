import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { client, serve, take } from './support.ts';

it('a scheduled message comes to a consumer when the clock gets there, and no more once it is cancelled', async () => {
  const server = await serve({ clock: 'manual' });
  const nc = await client(server);
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'S', subjects: ['s.>'], allow_msg_schedules: true });
  await manager.consumers.add('S', { durable_name: 'c', filter_subject: 's.due' });
  const schedule = headers();
  schedule.set('Nats-Schedule', '@every 1h');
  schedule.set('Nats-Schedule-Target', 's.due');
  schedule.set('Kind', 'reminder');
  const { seq } = await jetstream(nc).publish('s.plan', 'wake up', { headers: schedule });
  const messages = await (await jetstream(nc).consumers.get('S', 'c')).consume();
  await server.clock.advance('3h');
  const came = await take(messages, 3);
  expect(
    came.map((one) => [one.string(), one.headers?.get('Kind'), one.headers?.get('Nats-Scheduler')]),
  ).toEqual(Array(3).fill(['wake up', 'reminder', 's.plan']));
  await manager.streams.deleteMessage('S', seq);
  await server.clock.advance('3h');
  expect((await manager.streams.info('S')).state.last_seq).toBe(4);
});
