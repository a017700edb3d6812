import assert from 'node:assert/strict';
import { reply, type ScriptedServer, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';

describe('Profiles across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let scripted: ScriptedServer;

  before(async function () {
    federation = await startTestFederation(this, 2);
    [here, there] = federation.servers as [TestPeer, TestPeer];
    scripted = await startScriptedServer(federation.ca, federation.clock);
    const alice = await there.register('alice');
    await alice.ask('PUT', `/v3/profile/${alice.userId}/displayname`, { displayname: 'Alice' });
    await alice.ask('PUT', `/v3/profile/${alice.userId}/org.example.mood`, {
      'org.example.mood': { __proto__: 1, a: 1 },
    });
  });
  after(async () => {
    await scripted?.close();
    await federation?.stop();
  });

  const profile = async (userId: string, field = '') => {
    const { status, body } = await here.ask('GET', `/v3/profile/${encodeURIComponent(userId)}${field}`);
    return [status, body] as const;
  };

  it('are asked for where the user is', async () => {
    assert.deepEqual(await profile(`@alice:${there.serverName}`), [
      200,
      { displayname: 'Alice', 'org.example.mood': { a: 1 } },
    ]);
    assert.deepEqual(await profile(`@alice:${there.serverName}`, '/displayname'), [200, { displayname: 'Alice' }]);
  });

  it('are asked for again after a while', async () => {
    await profile(`@alice:${there.serverName}`);
    const alice = await there.login('alice');
    await alice.ask('PUT', `/v3/profile/${alice.userId}/displayname`, { displayname: 'Alicia' });
    federation.clock.advance(60_000);
    assert.equal((await profile(`@alice:${there.serverName}`, '/displayname'))[1].displayname, 'Alicia');
  });

  it('are M_NOT_FOUND where there is no such user or field', async () => {
    assert.equal((await profile(`@nobody:${there.serverName}`))[1].errcode, 'M_NOT_FOUND');
    assert.equal((await profile(`@alice:${there.serverName}`, '/m.tz'))[1].errcode, 'M_NOT_FOUND');
  });

  it('are 502 where the server cannot be reached, which is not tried for every request', async () => {
    const gone = '@x:localhost:1';
    const [status, body] = await profile(gone);
    assert.deepEqual([status, body.errcode], [502, 'M_UNKNOWN']);
  });

  it('leave out names that are no texts and do not grow without bound', async () => {
    const answers: unknown[] = [];
    scripted.answer = (_, response) => reply(response, answers.shift());
    answers.push(JSON.parse('{"displayname":{"a":1},"avatar_url":null,"__proto__":{"x":1},"org.example.a":1}'));
    assert.deepEqual(Object.keys((await profile(`@b:${scripted.serverName}`))[1]), ['__proto__', 'org.example.a']);
    answers.push({ displayname: 'x'.repeat(100_000) });
    assert.equal((await profile(`@c:${scripted.serverName}`))[0], 502);
    answers.push([1]);
    assert.equal((await profile(`@d:${scripted.serverName}`))[0], 502);
  });

  it('are told to servers about users of this one only', async () => {
    const ask = (query: string) =>
      scripted.ask(here.serverName, { uri: `/_matrix/federation/v1/query/profile?${query}` });
    assert.equal((await ask(`user_id=@alice:${there.serverName}`)).body.errcode, 'M_NOT_FOUND');
    assert.equal((await ask('user_id=alice')).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await ask('')).body.errcode, 'M_MISSING_PARAM');
    assert.equal(
      (await scripted.ask(here.serverName, { uri: '/_matrix/federation/v1/query/weather' })).body.errcode,
      'M_UNRECOGNIZED',
    );
  });
});

describe('Aliases across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  before(async function () {
    federation = await startTestFederation(this, 2);
  });
  after(() => federation?.stop());

  it('are resolved where they are', async () => {
    const [here, there] = federation.servers as [TestPeer, TestPeer];
    const alice = await there.register('alice');
    const { body: room } = await alice.ask('POST', '/v3/createRoom', { room_alias_name: 'den' });
    const resolve = (name: string) =>
      here.ask('GET', `/v3/directory/room/${encodeURIComponent(`#${name}:${there.serverName}`)}`);
    const { body } = await resolve('den');
    assert.deepEqual(body, { room_id: room.room_id, servers: [there.serverName] });
    assert.equal((await resolve('none')).body.errcode, 'M_NOT_FOUND');
  });
});
