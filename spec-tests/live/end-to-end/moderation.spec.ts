import assert from 'node:assert/strict';
import { messageName } from '../../../src/live/rules/message-name.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { TestUser } from '../../support/test-homeserver.ts';
import { KAI, LIVE, type LiveHomeserver, type LiveViewer, startLiveHomeserver } from './live-homeserver.ts';

describe('moderating a channel', function () {
  this.timeout(20_000);
  let live: LiveHomeserver;
  let zed: TestUser;
  beforeEach(async () => {
    live = await startLiveHomeserver();
    zed = await live.server.register('zed');
  });
  afterEach(() => live.stop());

  const setTerm = async (pattern: string, action: string) => {
    const answer = await live.kai.ask('PUT', `${KAI}/filters/terms`, { pattern, action });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const moderatorsLane = () => live.watch(live.kai, { mod: true });
  const personal = async (viewer: LiveViewer, state: string) => {
    const isIt = (frame: JsonObject) => frame['op'] === 'held' && frame['state'] === state;
    await viewer.until(({ frames }) => frames.some(isIt));
    return viewer.frames.find(isIt)!;
  };

  it('keeps messages for moderators, who see them on their lane and let them in', async () => {
    await setTerm('meh', 'hold');
    const [lane, chatter, anonymous] = [await moderatorsLane(), await live.watch(zed), await live.watch()];
    const answer = await chatter.say('meh');
    assert.deepEqual([answer['op'], answer['code']], ['err', 'held']);
    const held = await lane.entry('held');
    assert.deepEqual([held['user'], held['body'], held['reason']], [zed.userId, 'meh', 'blocked_term']);
    assert.equal((await personal(chatter, 'pending'))['hid'], held['hid']);
    assert.equal(anonymous.messages.length, 0);
    const allowed = await lane.ask('mod', { do: 'decide', held: held['hid'] ?? null, action: 'allow' });
    assert.equal(allowed['op'], 'ok', JSON.stringify(allowed));
    await anonymous.until(({ messages }) => messages.includes(messageName(String(allowed['event_id']))));
    await personal(chatter, 'allowed');
    assert.equal(
      (await lane.ask('mod', { do: 'decide', held: held['hid'] ?? null, action: 'deny' }))['code'],
      'M_NOT_FOUND',
    );
    assert.equal((await chatter.ask('mod', { do: 'held' }))['code'], 'M_FORBIDDEN');
  });

  it('shows moderators at once what others see after the delay, and has taken out what they take out', async () => {
    const { kai, server } = live;
    await kai.ask('PATCH', `${KAI}/settings`, { settings: { delay: 4 } });
    const [lane, chatter, anonymous] = [await moderatorsLane(), await live.watch(zed), await live.watch()];
    const delayed = async (body: string) => {
      await lane.until((viewer) => viewer.entries('delayed').some((entry) => entry['body'] === body));
      return lane.entries('delayed').find((entry) => entry['body'] === body)!;
    };
    const bad = chatter.say('bad', 'bad');
    const { hid = null, user } = await delayed('bad');
    assert.equal(user, zed.userId);
    assert.equal((await chatter.ask('mod', { do: 'decide', held: hid, action: 'allow' }))['code'], 'M_FORBIDDEN');
    assert.equal((await lane.ask('mod', { do: 'decide', held: hid, action: 'deny' }))['op'], 'ok');
    assert.equal((await bad)['code'], 'deleted');
    server.clock.advance(2000);
    const early = chatter.say('early', 'early');
    const { hid: waiting = null } = await delayed('early');
    await lane.ask('mod', { do: 'decide', held: waiting, action: 'allow' });
    assert.equal((await early)['op'], 'ok');
    server.clock.advance(2000);
    const late = chatter.say('late', 'late');
    await delayed('late');
    const own = await lane.say('I do not wait', 'own');
    await anonymous.until(({ messages }) => messages.includes(own['id']));
    assert.ok(!JSON.stringify(anonymous.frames).includes('"late"'));
    server.clock.advance(4000);
    const { id } = await late;
    await anonymous.until(({ messages }) => messages.includes(id));
    const texts = (await kai.ask('GET', `/v3/rooms/${live.roomId}/messages?dir=b&limit=20`)).body.chunk.flatMap(
      ({ type, content }: JsonObject) => (type === 'm.room.message' ? [(content as JsonObject)['body']] : []),
    );
    assert.deepEqual(texts, ['late', 'I do not wait', 'early']);
    const { entries } = (await kai.ask('GET', `${KAI}/modlog`)).body;
    const actions = entries.map(({ action }: JsonObject) => action);
    assert.ok(actions.includes('delayed.denied') && actions.includes('delayed.allowed'), String(actions));
  });

  it('shows moderators what viewers do not see live, for too much is said', async () => {
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { display_rate: 1 } });
    const [lane, anonymous] = [await moderatorsLane(), await live.watch()];
    const chatters = await Promise.all(
      ['amy', 'bob', 'eve', 'joe'].map(async (name) => live.watch(await live.server.register(name))),
    );
    const answers = await Promise.all(chatters.map((chatter, n) => chatter.say(`number ${n}`)));
    const unseen = answers.filter(({ sel }) => sel === false).map(({ id }) => id);
    assert.ok(unseen.length > 0);
    await lane.until((viewer) => viewer.entries('skipped').length === unseen.length);
    assert.deepEqual(new Set(lane.entries('skipped').map(({ id }) => id)), new Set(unseen));
    assert.ok(unseen.every((id) => !anonymous.messages.includes(id)));
  });

  it('logs what moderators do, with whichever client, once', async () => {
    const { kai, roomId } = live;
    const chatter = await live.watch(zed);
    const events = [];
    for (const body of ['one', 'two', 'three']) {
      events.push((await chatter.say(body, body))['event_id']);
      live.server.clock.advance(1500);
    }
    const [one, two, three] = events.map((id) => encodeURIComponent(String(id)));
    await kai.ask('PUT', `/v3/rooms/${roomId}/redact/${one}/a`, { reason: 'spam' });
    await kai.ask('DELETE', `${KAI}/messages/${two}`);
    await zed.ask('PUT', `/v3/rooms/${roomId}/redact/${three}/b`, {});
    for (const action of ['kick', 'ban', 'unban']) {
      await kai.ask('POST', `/v3/rooms/${roomId}/${action}`, { user_id: zed.userId, reason: 'enough' });
    }
    await kai.ask('POST', `${KAI}/bans`, { user: zed.userId });
    const { entries } = (await kai.ask('GET', `${KAI}/modlog`)).body;
    assert.ok(entries.every(({ by }: JsonObject) => by === kai.userId));
    const logged: string[] = entries.map(({ action, target }: JsonObject) => `${action} ${target}`);
    const deleted = events.slice(0, 2).map((id) => `delete ${id}`);
    const done = ['kick', 'ban', 'unban', 'ban'].map((action) => `${action} ${zed.userId}`);
    // All of it in one moment of this clock.
    assert.deepEqual(logged.sort(), [...deleted, ...done].sort());
  });

  it('moderates by itself, as strictly as the channel wants it', async () => {
    const { kai, server } = live;
    const set = (levels: JsonObject, action = 'hold') => kai.ask('PUT', `${KAI}/filters/automod`, { levels, action });
    assert.equal((await set({ profanity: 9 })).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await set({ weather: 1 })).body.errcode, 'M_INVALID_PARAM');
    assert.equal((await zed.ask('GET', `${KAI}/filters/automod`)).status, 403);
    const chatter = await live.watch(zed);
    let said = 0;
    const say = async (body: string) => {
      server.clock.advance(2000);
      said += 1;
      return (await chatter.say(`${body} ${said}`, `s${said}`))['code'] ?? 'in';
    };
    assert.equal(await say('oh sh1t'), 'in');
    assert.equal((await set({ profanity: 3, hostility: 0 })).status, 200);
    assert.equal(await say('oh sh1t'), 'held');
    assert.equal(await say('damn'), 'in');
    assert.equal(await say('what a l o s e r'), 'in');
    await set({ profanity: 4, hostility: 4 }, 'block');
    assert.equal(await say('damn'), 'blocked_term');
    assert.equal(await say('you IDIOT'), 'blocked_term');
    await server.restart();
    const { levels, action } = (await kai.ask('GET', `${KAI}/filters/automod`)).body;
    assert.deepEqual([levels.profanity, levels.sexual, action], [4, 0, 'block']);
    const reasons = (await kai.ask('GET', `${KAI}/held`)).body.held.map(({ reason }: JsonObject) => reason);
    assert.deepEqual(reasons, ['automod']);
  });

  it('does by the gateway what it does by HTTP, with the same checks', async () => {
    const [moderator, chatter] = [await moderatorsLane(), await live.watch(zed)];
    const wrong = await moderator.ask('mod', { do: 'timeout', user: zed.userId, seconds: 0 });
    assert.deepEqual([wrong['op'], wrong['code']], ['err', 'M_BAD_JSON']);
    assert.equal((await moderator.ask('mod', { do: 'dance' }))['code'], 'M_INVALID_PARAM');
    const warned = await moderator.ask('mod', { do: 'warn', user: zed.userId, reason: 'be kind' });
    assert.equal(warned['op'], 'ok');
    const me = await chatter.frame('me');
    assert.deepEqual([(me['you'] as JsonObject)['why'], (me['you'] as JsonObject)['warning']], ['warned', 'be kind']);
    assert.equal((await chatter.say('hm'))['code'], 'warned');
    assert.equal((await chatter.ask('ack'))['op'], 'ok');
    assert.equal((await chatter.say('sorry'))['op'], 'ok');
    assert.deepEqual((await moderator.entry('log'))['action'], 'warning');
  });

  it('lets moderators be appointed by levels, who are told at once, and bans out of the channel', async () => {
    const amy = await live.server.register('amy');
    const [moderator, chatter] = [await live.watch(amy, { mod: true }), await live.watch(zed)];
    await chatter.say('first');
    const path = `/v3/rooms/${live.roomId}/state/m.room.power_levels`;
    const levels = (await live.kai.ask('GET', path)).body;
    const users = { ...levels.users, [amy.userId]: 50 };
    assert.equal((await live.kai.ask('PUT', path, { ...levels, users })).status, 200);
    const me = await moderator.frame('me');
    assert.equal((me['you'] as JsonObject)['role'], 'moderator');
    const anonymous = await live.watch();
    assert.equal(anonymous.messages.length, 1);
    assert.equal((await moderator.ask('mod', { do: 'ban', user: zed.userId }))['op'], 'ok');
    assert.equal(await chatter.closed(), 4011);
    assert.equal((await anonymous.entry('cu'))['u'], zed.userId);
    assert.equal((await live.watch()).messages.length, 0);
    const member = (await live.kai.ask('GET', `/v3/rooms/${live.roomId}/state/m.room.member/${zed.userId}`)).body;
    assert.deepEqual([member.membership, member.redact_events], ['ban', true]);
    assert.equal((await zed.ask('POST', `${KAI}/unban_requests`, { message: 'please' })).status, 200);
    assert.equal((await zed.ask('POST', `${KAI}/unban_requests`, { message: 'please' })).status, 403);
    const [request] = (await amy.ask('GET', `${KAI}/unban_requests`)).body.requests;
    const decided = await amy.ask('POST', `${KAI}/unban_requests/${request.id}`, { action: 'approve' });
    assert.equal(decided.status, 200, JSON.stringify(decided.body));
    live.server.clock.advance(2000);
    const standing = (await zed.ask('GET', `${KAI}/me`)).body;
    assert.equal(standing.can, true, JSON.stringify(standing));
  });

  it('ends pins and shields when their time is over', async () => {
    const { kai } = live;
    const anonymous = await live.watch();
    const chatter = await live.watch(zed);
    const { id, event_id } = await chatter.say('pin me');
    assert.equal((await kai.ask('PUT', `${KAI}/pin`, { event_id: '$nothing123', seconds: 60 })).status, 404);
    assert.equal((await kai.ask('PUT', `${KAI}/pin`, { event_id: id, seconds: 60 })).status, 200);
    const pins = `/v3/rooms/${live.roomId}/state/m.room.pinned_events`;
    assert.deepEqual((await kai.ask('GET', pins)).body, { pinned: [event_id] });
    assert.equal((await kai.ask('PUT', `${KAI}/shield`, { active: true, seconds: 60 })).status, 200);
    await anonymous.until((viewer) => viewer.entries('pn').length === 1 && viewer.entries('st').length === 1);
    await live.pass(31_000);
    assert.equal((await chatter.say('and now?'))['code'], 'followers_only');
    await live.pass(31_000);
    await anonymous.until((viewer) => viewer.entries('pn').length === 2 && viewer.entries('st').length === 2);
    assert.deepEqual((await kai.ask('GET', pins)).body, { pinned: [] });
    assert.equal((await chatter.say('and now?'))['op'], 'ok');
  });

  it('ends pins and shields of channels that are not live after a restart, too, but none that are put up anew', async () => {
    const { kai, server } = live;
    const { id } = await (await live.watch(zed)).say('pin me');
    await kai.ask('PUT', `${KAI}/pin`, { event_id: id, seconds: 60 });
    await kai.ask('PUT', `${KAI}/shield`, { active: true, seconds: 60 });
    await server.restart();
    server.clock.advance(61_000);
    const shield = async () => (await server.ask('GET', KAI)).body.shield.active;
    const sweep = () => live.pass(1000);
    while (await shield()) await sweep();
    const pins = `/v3/rooms/${live.roomId}/state/m.room.pinned_events`;
    assert.deepEqual((await kai.ask('GET', pins)).body, { pinned: [] });
    await kai.ask('PUT', `${KAI}/shield`, { active: true, seconds: 60 });
    server.clock.advance(61_000);
    await Promise.all([kai.ask('PUT', `${KAI}/shield`, { active: true, seconds: 600 }), sweep()]);
    await live.pass(5000);
    assert.equal(await shield(), true);
    const path = `/v3/rooms/${live.roomId}/state/online.beamify.live.shield`;
    await kai.ask('PUT', path, { active: true, until: server.clock.now() + 5000, preset: { slow: 30 } });
    await server.restart();
    server.clock.advance(6000);
    // Put up by other means than the endpoint.
    while (await shield()) await sweep();
  });

  it('has two moderators change settings at the same time, and both count', async () => {
    const { kai } = live;
    const changes = [{ slow: 10 }, { emote_only: true }, { links: 'block' }, { max_length: 100 }];
    await Promise.all(changes.map((settings) => kai.ask('PATCH', `${KAI}/settings`, { settings })));
    const { settings } = (await live.server.ask('GET', KAI)).body;
    assert.deepEqual(settings, { slow: 10, emote_only: true, links: 'block', max_length: 100 });
  });

  it('clears, purges and deletes, so that nothing of it comes back', async () => {
    const { server, kai } = live;
    const [anonymous, chatter] = [await live.watch(), await live.watch(zed)];
    const first = await chatter.say('one');
    server.clock.advance(2000);
    const second = await chatter.say('two');
    assert.equal((await kai.ask('DELETE', `${KAI}/messages/${first['id']}`)).status, 200);
    assert.equal((await anonymous.entry('d'))['id'], first['id']);
    assert.deepEqual((await live.watch()).messages, [second['id']]);
    assert.equal((await kai.ask('POST', `${KAI}/clear`, { user: zed.userId })).status, 200);
    server.clock.advance(300);
    await anonymous.entry('cu');
    const event = await kai.ask('GET', `/v3/rooms/${live.roomId}/event/${second['event_id']}`);
    assert.deepEqual(event.body.content, {});
    server.clock.advance(2000);
    await chatter.say('three');
    assert.equal((await kai.ask('POST', `${KAI}/clear`)).status, 200);
    server.clock.advance(300);
    await anonymous.entry('ca');
    assert.deepEqual((await live.watch()).messages, []);
    assert.equal((await zed.ask('POST', `${KAI}/clear`)).status, 403);
  });

  it('keeps off the screens what was cleared or hidden with a time-out, after a restart, too', async () => {
    const { kai, server } = live;
    const { id: session } = (await kai.ask('PUT', `${KAI}/session`, { status: 'live' })).body.session;
    const [chatter, streamer] = [await live.watch(zed), await live.watch(kai)];
    await streamer.say('cleared', 'one');
    await kai.ask('POST', `${KAI}/clear`);
    server.clock.advance(2000);
    const hidden = await chatter.say('hidden', 'two');
    await streamer.ask('react', { k: '🔥', event: hidden['event_id'] ?? null });
    await kai.ask('POST', `${KAI}/timeouts`, { user: zed.userId, seconds: 1 });
    server.clock.advance(2000);
    await chatter.say('shown', 'three');
    const shown = async (path: string) => {
      const { ev, questions } = (await server.ask('GET', `${KAI}${path}`)).body;
      return (ev ?? questions).flatMap(({ tx }: JsonObject) => (tx === undefined ? [] : [tx]));
    };
    for (const isAfter of [false, true]) {
      if (isAfter) await server.restart();
      assert.deepEqual(await shown('/snapshot'), ['shown']);
      assert.deepEqual(await shown(`/sessions/${session}/replay`), ['cleared', 'shown']);
      assert.deepEqual(await shown('/questions'), []);
    }
  });

  it('takes out all that somebody has said, however much others have said since', async () => {
    const { kai, server } = live;
    const { timeline } = server.homeserver.services;
    const chatter = await live.watch(zed);
    const said = (await chatter.say('spam'))['event_id'];
    const content = { msgtype: 'm.text', body: 'something else' };
    const drafts = Array.from({ length: 150 }, () => ({ type: 'm.room.message', sender: kai.userId, content }));
    await timeline.change(live.roomId, (turn, room) => timeline.append(turn, room, drafts, { isAdmitted: true }));
    const { chatters } = (await kai.ask('GET', `${KAI}/chatters`)).body;
    assert.deepEqual(chatters, [kai.userId, zed.userId]);
    assert.equal((await kai.ask('POST', `${KAI}/clear`, { user: zed.userId })).status, 200);
    const event = await kai.ask('GET', `/v3/rooms/${live.roomId}/event/${encodeURIComponent(String(said))}`);
    assert.deepEqual(event.body.content, {});
  });

  it('knows after a restart who has chatted before, and tells whose message nobody has looked at', async () => {
    const { kai, server } = live;
    await (await live.watch(zed)).say('hello');
    await kai.ask('PATCH', `${KAI}/settings`, { settings: { first_time: 'hold' } });
    await live.pass(2000);
    await server.restart();
    const [regular, stranger] = [await live.watch(zed), await live.watch(await server.register('amy'))];
    const [back, first] = [await regular.say('me again'), await stranger.say('hello')];
    assert.deepEqual([back['op'], first['code']], ['ok', 'held']);
    await live.pass(361_000);
    await personal(stranger, 'expired');
  });

  it('knows since when accounts of this server are there', async () => {
    await live.kai.ask('PATCH', `${KAI}/settings`, { settings: { account_age: 10 } });
    const chatter = await live.watch(zed);
    const tooNew = await chatter.say('hello');
    assert.equal(tooNew['code'], 'account_age');
    assert.ok(
      Number(tooNew['retry_ms']) <= 600_000 && Number(tooNew['retry_ms']) > 500_000,
      String(tooNew['retry_ms']),
    );
    await live.pass(601_000);
    assert.equal((await chatter.say('hello'))['op'], 'ok');
  });

  it('checks settings, says them to viewers and keeps what it does not know', async () => {
    const { kai } = live;
    const anonymous = await live.watch();
    const changed = await kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: 30, 'org.example.own': 1 } });
    assert.deepEqual(changed.body.settings, { slow: 30, 'org.example.own': 1 });
    const told = (await anonymous.entry('st'))['content'] as JsonObject;
    assert.equal(told['slow'], 30);
    const wrong = await kai.ask('PATCH', `${KAI}/settings`, { settings: { slow: -1 } });
    assert.equal(wrong.body.errcode, 'M_INVALID_PARAM');
    const chatter = await live.watch(zed);
    await chatter.say('one');
    const refused = await zed.ask('PUT', `/v3/rooms/${live.roomId}/send/m.room.message/2`, {
      msgtype: 'm.text',
      body: 'two',
    });
    assert.deepEqual([refused.status, refused.body.retry_after_ms], [429, 30_000]);
    const announced = await kai.ask('POST', `${KAI}/announcements`, { body: 'Welcome', color: 'purple' });
    assert.equal(announced.status, 200);
    assert.deepEqual((await anonymous.entry('nt'))['nt'], { kind: 'announcement', color: 'purple' });
    assert.equal(
      (await kai.ask('POST', `${LIVE}/channels/kai/reports`, { event: announced.body.event_id })).status,
      200,
    );
  });
});
