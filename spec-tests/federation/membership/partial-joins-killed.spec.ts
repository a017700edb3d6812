import assert from 'node:assert/strict';
import { type Homeserver, launchHomeserver } from '../../clients/support/launch.ts';
import { makeCa, type TestCa } from '../../support/certificates.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { ScriptedResident } from '../../support/scripted-resident.ts';

const MEMBERS = 450;

describe('A room of which not all members are known when the process is killed', function () {
  this.timeout(60_000);
  let ca: TestCa;
  let hostile: HostileServer;
  let homeserver: Homeserver;
  let token: string;
  let userId: string;
  let resident: ScriptedResident;

  before(async function () {
    ca = makeCa(this);
    hostile = await HostileServer.start({ ca });
    homeserver = await launchHomeserver({ ca, environment: { PARTIAL_JOINS: '1' } });
    const auth = { type: 'm.login.dummy' };
    const user = await must('POST', '/v3/register', { username: 'bob', password: 'secret', auth });
    ({ access_token: token, user_id: userId } = user as { access_token: string; user_id: string });
    resident = new ScriptedResident(hostile, new HostileRoom(hostile, { now: Date.now }));
    for (let i = 1; i <= MEMBERS; i++) resident.member(`m${i}`);
  });
  after(async () => {
    await homeserver?.remove();
    await hostile?.stop();
    ca?.remove();
  });

  const must = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${homeserver.baseUrl}/_matrix/client${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, `${method} ${path}: ${text}`);
    return JSON.parse(text);
  };
  const room = (path: string) => `/v3/rooms/${encodeURIComponent(resident.room.id)}/${path}`;
  const send = (body: string) => must('PUT', room(`send/m.room.message/${body}`), { msgtype: 'm.text', body });
  /** Resolves when the homeserver asks for something once more. */
  const asked = (operation: string) =>
    new Promise<void>((resolve) => {
      hostile.scripts.unshift(({ url }) => {
        if (url?.startsWith(`/_matrix/federation/v1/${operation}/`)) resolve();
        return false;
      });
    });
  const killed = async () => {
    await homeserver.kill();
    const asksAgain = asked('state_ids');
    await homeserver.start();
    return asksAgain;
  };

  it('goes on being fetched, however often that happens, and loses nothing that was acknowledged', async () => {
    const asks = asked('state_ids');
    await must('POST', `/v3/join/${encodeURIComponent(resident.room.id)}?via=${hostile.name}`, {});
    await asks;
    await send('one');
    await killed();
    await send('two');
    // In the midst of taking in what it is told.
    const asksForAll = asked('state');
    resident.tell();
    await asksForAll;
    await send('three');
    await killed();
    await send('four');
    const { joined } = await must('GET', room('joined_members'));
    const expected = [
      userId,
      hostile.user('owner'),
      ...Array.from({ length: MEMBERS }, (_, i) => hostile.user(`m${i + 1}`)),
    ];
    assert.deepEqual(Object.keys(joined).sort(), expected.sort());
    const { chunk } = await must('GET', room('messages?dir=b&limit=100'));
    const bodies = (chunk as { content: { body?: string } }[]).flatMap(({ content }) => content.body ?? []);
    assert.deepEqual(bodies, ['four', 'three', 'two', 'one']);
    const { state, timeline } = (await must('GET', '/v3/sync')).rooms.join[resident.room.id];
    const shown = [...state.events, ...timeline.events].filter(({ type }) => type === 'm.room.member');
    assert.deepEqual(shown.map((event) => event.state_key).sort(), expected);
  });
});
