import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/index.ts';
import { Asker, serve } from './support.ts';

const WORLD = `
  accounts: {
    SYS: { users: [{user: sys, password: sys}] }
    A: { users: [{user: a, password: a}] }
  }
  system_account: SYS`;

describe('KICK', () => {
  it('ends the connection without an error line', async () => {
    const server = serve(WORLD);
    const [system, victim] = [await Asker.as(server, 'sys'), await Asker.as(server, 'a')];
    const reply = await system.object(`$SYS.REQ.SERVER.${server.id}.KICK`, `{"cid":${victim.id}}`);
    expect(Object.keys(reply)).toEqual(['server']);
    await victim.settled();
    expect(victim.isClosed).toBe(true);
    expect(victim.text).not.toContain('-ERR');
  });

  it('may be turned on who asks', async () => {
    const server = serve(WORLD);
    const system = await Asker.as(server, 'sys');
    await system.say(
      `PUB $SYS.REQ.SERVER.${server.id}.KICK reply ${`{"cid":${system.id}}`.length}`,
      `{"cid":${system.id}}`,
    );
    expect(system.isClosed).toBe(true);
    expect((await Asker.as(server, 'a')).isClosed).toBe(false);
  });

  it('by a tenant ends nobody', async () => {
    const server = serve(WORLD);
    const [tenant, victim] = [await Asker.as(server, 'a'), await Asker.as(server, 'a')];
    expect(await tenant.ask(`$SYS.REQ.SERVER.${server.id}.KICK`, `{"cid":${victim.id}}`)).toEqual(['503']);
    await victim.settled();
    expect(victim.isClosed).toBe(false);
  });
});

describe('LDM', () => {
  it('sends the client an INFO that says so, and leaves it connected', async () => {
    const server = serve(WORLD);
    const [system, client] = [await Asker.as(server, 'sys'), await Asker.as(server, 'a')];
    await system.object(`$SYS.REQ.SERVER.${server.id}.LDM`, `{"cid":${client.id}}`);
    await client.settled();
    expect(client.text.match(/"ldm":true/g)).toHaveLength(1);
    expect(client.isClosed).toBe(false);
  });
});

describe('RELOAD', () => {
  it('goes over to what the configuration says now', async () => {
    let text = WORLD;
    const server = serve(WORLD, { source: () => parseConfig(text) });
    const system = await Asker.as(server, 'sys');
    await system.say('SUB answer 1');
    text = WORLD.replace('{user: a, password: a}', '{user: a, password: a}, {user: late, password: late}');
    await system.say(`PUB $SYS.REQ.SERVER.${server.id}.RELOAD answer 0`, '');
    await system.until('MSG answer 1');
    expect(system.text).not.toContain('"error"');
    expect((await Asker.as(server, 'late')).isClosed).toBe(false);
  });

  it('tells what is wrong, and keeps what is in force', async () => {
    const server = serve(WORLD, {
      source: () => {
        throw new Error('broken on purpose');
      },
    });
    const system = await Asker.as(server, 'sys');
    await system.say('SUB answer 1', `PUB $SYS.REQ.SERVER.${server.id}.RELOAD answer 0`, '');
    await system.until('MSG answer 1');
    expect(system.text).toContain('"error":{"code":500,"description":"broken on purpose"}');
    expect((await Asker.as(server, 'a')).isClosed).toBe(false);
  });
});
