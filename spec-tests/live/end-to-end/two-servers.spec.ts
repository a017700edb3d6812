import assert from 'node:assert/strict';
import { messageName } from '../../../src/live/rules/message-name.ts';
import { buildEvent } from '../../../src/protocol/events/build-event.ts';
import type { ServerName } from '../../../src/protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { AT_ONCE, KAI, type LiveHomeserver, type LiveViewer, openChannel } from './live-homeserver.ts';

describe('a channel with chatters of another server', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let home: TestPeer;
  let away: TestPeer;
  let live: LiveHomeserver;
  let bob: TestUser;
  let txn = 0;

  before(async function () {
    federation = await startTestFederation(this, 2, { live: AT_ONCE });
    [home, away] = federation.servers as [TestPeer, TestPeer];
    live = await openChannel(home);
    bob = await away.register('bob');
    const path = `/v3/join/${encodeURIComponent(live.roomId)}?via=${encodeURIComponent(home.serverName)}`;
    const joined = await bob.ask('POST', path, {});
    assert.equal(joined.status, 200, JSON.stringify(joined.body));
  });
  after(() => federation?.stop());
  beforeEach(() => federation.clock.advance(3000));

  const say = (body: string, more: JsonObject = {}) => {
    txn += 1;
    const content = { msgtype: 'm.text', body, ...more };
    return bob.ask('PUT', `/v3/rooms/${encodeURIComponent(live.roomId)}/send/m.room.message/${txn}`, content);
  };

  /** Whether a viewer was ever shown it, be it that it was told of its deletion after that. */
  const isShown = (viewer: LiveViewer, eventId: string) =>
    viewer.entries('m').some(({ id }) => id === messageName(eventId));

  /** Sends an event of bob's that this server's policy server was not asked about. */
  async function sendUnsigned(body: string): Promise<string> {
    const { rooms, timeline, signingKey, federationClient, config } = away.homeserver.services;
    const room = (await rooms.get(live.roomId))!;
    const draft = { type: 'm.room.message', sender: bob.userId, content: { msgtype: 'm.text', body } };
    const signer = { serverName: config.serverName, key: signingKey };
    const { pdu, eventId } = buildEvent(timeline.prepare(room, draft), room.rules, signer);
    txn += 1;
    await federationClient.ask({
      ...{ destination: home.serverName as ServerName, method: 'PUT', uri: `/_matrix/federation/v1/send/own${txn}` },
      content: { origin: config.serverName, origin_server_ts: away.clock.now(), pdus: [pdu] },
    });
    return eventId;
  }

  it('shows viewers what they say, once it is signed here', async () => {
    const anonymous = await live.watch();
    const said = await say('hello from afar');
    assert.equal(said.status, 200, JSON.stringify(said.body));
    await anonymous.until(({ messages }) => messages.includes(messageName(said.body.event_id)));
  });

  it('refuses their spam when it is to be signed, in words that reach them', async () => {
    await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern: 'lamer', action: 'block' });
    const refused = await say('what a l4mer');
    assert.equal(refused.body.errcode, 'M_FORBIDDEN');
    assert.match(refused.body.error, /words that are not allowed/);
    const badge = await say('I am a VIP', { 'online.beamify.chat': { badges: [['vip', '1']] } });
    assert.equal(badge.body.errcode, 'M_FORBIDDEN');
  });

  it('binds them by slow mode and time-outs as everybody else', async () => {
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 30 } });
    assert.equal((await say('one')).status, 400);
    federation.clock.advance(31_000);
    assert.equal((await say('two')).status, 200);
    const tooFast = await say('three');
    assert.deepEqual([tooFast.body.errcode, /Slow mode/.test(tooFast.body.error)], ['M_FORBIDDEN', true]);
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 0 } });
    federation.clock.advance(3000);
    await live.kai.ask('POST', `${KAI}/timeouts`, { user: bob.userId, seconds: 60 });
    assert.match((await say('four')).body.error, /time-out/);
    federation.clock.advance(61_000);
  });

  it('never shows what came without a signature and would not have got one', async () => {
    const anonymous = await live.watch();
    const spam = await sendUnsigned('unsigned lamer');
    federation.clock.advance(3000);
    const said = await say('and signed');
    assert.equal(said.status, 200, JSON.stringify(said.body));
    await anonymous.until(({ messages }) => messages.includes(messageName(said.body.event_id)));
    assert.ok(!isShown(anonymous, spam));
    assert.ok(!isShown(await live.watch(), spam));
    const { chunk } = (await live.kai.ask('GET', `/v3/rooms/${live.roomId}/messages?dir=b&limit=20`)).body;
    assert.ok(chunk.every(({ event_id }: JsonObject) => event_id !== spam));
    const redactions = chunk.filter(({ type }: JsonObject) => type === 'm.room.redaction');
    assert.ok(
      redactions.some(({ sender, content }: { sender: string; content: JsonObject }) =>
        [content['redacts'], sender.startsWith('@_live:')].every((value) => value === spam || value === true),
      ),
      'servers that show it are told to take it out',
    );
  });

  it('can be had without being asked about, and is judged all the same where it arrives', async () => {
    const path = `/v3/rooms/${live.roomId}/state/m.room.policy`;
    assert.equal((await live.kai.ask('PUT', path, {})).status, 200);
    const room = () => away.homeserver.services.rooms.get(live.roomId);
    while ((await room())?.get('m.room.policy', '')?.content['via'] !== undefined) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    const anonymous = await live.watch();
    const spam = await say('quite a lamer');
    assert.equal(spam.status, 200, 'nobody was asked');
    federation.clock.advance(3000);
    const said = await say('good to see you');
    assert.equal(said.status, 200, JSON.stringify(said.body));
    await anonymous.until(({ messages }) => messages.includes(messageName(said.body.event_id)));
    assert.ok(!isShown(anonymous, spam.body.event_id));
  });
});
