import assert from 'node:assert/strict';
import { Channels } from '../../../src/live/hub/channels.ts';
import { entriesText } from '../../../src/live/hub/entry.ts';
import { MemoryOrder } from '../../../src/live/hub/order/memory-order.ts';
import type { TickParts } from '../../../src/live/hub/tick.ts';
import { messageName } from '../../../src/live/rules/message-name.ts';
import { recipeOf } from '../../../src/live/rules/recipe.ts';
import type { Hold } from '../../../src/live/rules/refusals.ts';
import type { Sanctions } from '../../../src/live/rules/standing.ts';
import { ChatGate } from '../../../src/live/services/chat-gate.ts';
import { Chatters } from '../../../src/live/services/chatters.ts';
import { Clearings } from '../../../src/live/services/clearings.ts';
import { DelayedMessages } from '../../../src/live/services/delayed-messages.ts';
import { StaticEntitlements } from '../../../src/live/services/entitlements.ts';
import { LiveChannels } from '../../../src/live/services/live-channels.ts';
import { type LiveRoom, LiveRoomList } from '../../../src/live/services/live-rooms.ts';
import { Standings } from '../../../src/live/services/standings.ts';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { TermMatcher } from '../../../src/protocol/text-moderation/term-matcher.ts';
import { parseTerm, type TermPattern } from '../../../src/protocol/text-moderation/term-pattern.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';
import { LIVE_DEFAULTS } from '../gateway/live-server.ts';
import { attempt, EMOTES } from '../rules/attempts.ts';

const SERVICE = '@_live:test.example';
const STREAMER = '@kai:test.example';
const CHATTER = '@zed:test.example';

interface LiveRoomUnderTest {
  readonly test: TestServices;
  readonly roomId: string;
  readonly gate: ChatGate;
  readonly held: Hold[];
  readonly ticks: TickParts[];
  readonly entitlements: StaticEntitlements;
  readonly sanctions: Map<string, Sanctions>;
  readonly channels: LiveChannels;
  readonly live: LiveRoom;
  send(userId: string, body: string, more?: JsonObject): Promise<string>;
  set(type: string, content: JsonObject): Promise<string>;
}

const FREE: Sanctions = { banned: false, timedOutUntil: undefined, warned: false };

async function startLiveRoom(): Promise<LiveRoomUnderTest> {
  const test = await startTestServices();
  const { services, clock } = test;
  const { serverName } = services.config;
  const local = (userId: string) => userId.replace('test.example', serverName);
  const recipe = recipeOf({
    ...{ channelId: 'ch_1', streamer: local(STREAMER), name: 'Kai', title: 'Speedrun', serverName },
    ...{ policyKey: undefined, retentionMs: 7_776_000_000, moderators: [local('@mod:test.example')], vips: [] },
  });
  const roomId = await services.roomCreation.create({ userId: local(SERVICE), isAdmin: true }, recipe);
  const live = { channelId: 'ch_1', roomId, streamer: local(STREAMER) };
  const liveRooms = new LiveRoomList();
  liveRooms.add(live);
  const entitlements = new StaticEntitlements();
  const standings = new Standings(entitlements);
  const held: Hold[] = [];
  const sanctions = new Map<string, Sanctions>();
  const terms = new TermMatcher([
    [parseTerm('lamer') as TermPattern, { pattern: 'lamer', action: 'block' as const, expires: undefined }],
    [parseTerm('meh') as TermPattern, { pattern: 'meh', action: 'hold' as const, expires: undefined }],
  ]);
  const { paceLimits: pace, textLimits: text } = attempt();
  const gate = new ChatGate({
    ...{
      clock,
      liveRooms,
      rooms: services.rooms,
      events: services.events,
      serviceUser: local(SERVICE),
      roleBadges: new Map(),
    },
    emotes: { of: () => EMOTES },
    chatters: new Chatters(services.storage, clock, 100),
    delays: new DelayedMessages({ clock, random: systemRandom, max: 10, tell: () => undefined }),
    standingOf: (room, of, userId) => standings.of(room, of, userId),
    sanctionsOf: (_live, _room, userId) => sanctions.get(userId) ?? FREE,
    termsOf: () => terms,
    automodOf: () => undefined,
    hold: async (_live, _candidate, hold) => held.push(hold),
    limits: { pace, text, records: { users: 100, texts: 100 }, rooms: 10, signatures: 100, joinsPerSecond: 20 },
  });
  services.admission.register(gate);
  const { window, tick, aggregates, socket } = LIVE_DEFAULTS;
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  const hub = new Channels({
    ...{
      clock,
      random: systemRandom,
      window,
      aggregates,
      snapshotMessages: 50,
      recoveryEntries: 200,
      laneFrames: 100,
      maxWaiting: 100,
    },
    ...{ order: new MemoryOrder({ clock, random: systemRandom, window }), tick: { ...tick, minMs: 0 }, onFault },
    fanOut: { socket, slice: 250, deflateFrom: 2000, nextTurn: (fn) => fn(true) },
  });
  const { notices, rooms, events } = services;
  const channels = new LiveChannels({
    ...{ clock, notices, rooms, events, liveRooms, channels: hub, onFault },
    clearings: new Clearings(services.storage, clock, 1000),
  });
  const ticks: TickParts[] = [];
  const channel = await channels.open(live);
  const fanOut = channel!.fanOut;
  const told = fanOut.tick.bind(fanOut);
  fanOut.tick = (parts) => {
    ticks.push(parts);
    told(parts);
  };
  let txn = 0;
  return {
    ...{ test, roomId, gate, held, ticks, entitlements, sanctions, channels, live },
    async send(userId, body, more = {}) {
      const sender = local(userId);
      const joined = (await services.rooms.get(roomId))?.isJoined(sender);
      if (!joined) await services.membership.join({ userId: sender, isGuest: false }, roomId, {});
      txn += 1;
      const content = { msgtype: 'm.text', body, ...more };
      return services.eventSender.sendMessage(
        { userId: sender, deviceId: 'D', isGuest: false },
        roomId,
        'm.room.message',
        `t${txn}`,
        content,
      );
    },
    set: (type, content) =>
      services.eventSender.setState({ userId: local(SERVICE), isGuest: false }, roomId, type, '', content),
  };
}

async function codeOf(promise: Promise<unknown>): Promise<unknown[]> {
  try {
    await promise;
    return ['in'];
  } catch (error) {
    assert.ok(error instanceof MatrixError, String(error));
    const json = error.toJSON();
    return [error.status, json['errcode'], json['online.beamify.code'], json['retry_after_ms']];
  }
}

describe('a live room', () => {
  let live: LiveRoomUnderTest;
  beforeEach(async () => {
    live = await startLiveRoom();
  });
  afterEach(async () => {
    await live.channels.closeAll();
    await live.test.stop();
  });

  it('is a public room that anybody may read, and is never encrypted', async () => {
    const room = await live.test.services.rooms.get(live.roomId);
    const content = (type: string) => room?.get(type, '')?.content ?? {};
    assert.equal(content('m.room.history_visibility')['history_visibility'], 'world_readable');
    assert.equal(content('m.room.join_rules')['join_rule'], 'public');
    assert.equal(content('m.room.encryption')['algorithm'], undefined);
    assert.equal(content('online.beamify.live')['status'], 'offline');
  });

  it('shows its viewers what is said, with the badges that the server knows and no others', async () => {
    const { serverName } = live.test.services.config;
    live.entitlements.set(`@zed:${serverName}`, { tier: 1, subscribedMonths: 6 });
    const claimed = { 'online.beamify.chat': { badges: [['streamer', '1']] } };
    const eventId = await live.send(CHATTER, 'hello :wave:', claimed);
    const [entry] = live.ticks.flatMap(({ entries }) => entries);
    const told = JSON.parse(entriesText([entry!])) as JsonObject;
    assert.deepEqual(
      [told['id'], told['tx'], told['b'], told['f']],
      [messageName(eventId), 'hello :wave:', [['sub', '6']], true],
    );
    const event = await live.test.services.events.byId(eventId, (await live.test.services.rooms.get(live.roomId))!);
    const block = event!.content['online.beamify.chat'] as JsonObject;
    assert.deepEqual(block['badges'], [['sub', '6']]);
    assert.match(String(event!.content['formatted_body']), /data-mx-emoticon/);
  });

  it('tells those who have to wait for how long, and others why they may not', async () => {
    await live.set('online.beamify.live.settings', { slow: 30 });
    await live.send(CHATTER, 'first');
    live.test.clock.advance(10_000);
    assert.deepEqual(await codeOf(live.send(CHATTER, 'second')), [429, 'M_LIMIT_EXCEEDED', 'slow_mode', 20_000]);
    live.test.clock.advance(20_000);
    assert.deepEqual(await codeOf(live.send(CHATTER, 'you LAM3R')), [403, 'M_FORBIDDEN', 'blocked_term', undefined]);
    await live.set('online.beamify.live.settings', { subscribers_only: 1 });
    live.test.clock.advance(30_000);
    assert.deepEqual(await codeOf(live.send(CHATTER, 'please')), [403, 'M_FORBIDDEN', 'subscribers_only', undefined]);
  });

  it('keeps what moderators have to see first, and makes no event of it', async () => {
    assert.deepEqual(await codeOf(live.send(CHATTER, 'meh')), [403, 'M_FORBIDDEN', 'held', undefined]);
    assert.deepEqual(live.held, [{ outcome: 'hold', reason: 'blocked_term' }]);
    assert.deepEqual(live.ticks, []);
  });

  it('lets nobody in time-out chat, but leave', async () => {
    const { serverName } = live.test.services.config;
    const userId = `@zed:${serverName}`;
    await live.send(CHATTER, 'hello');
    live.sanctions.set(userId, { ...FREE, timedOutUntil: live.test.clock.now() + 600_000 });
    assert.deepEqual(await codeOf(live.send(CHATTER, 'again')), [403, 'M_FORBIDDEN', 'timed_out', undefined]);
    await live.test.services.membership.leave(userId, live.roomId);
  });

  it('takes no encrypted messages', async () => {
    await live.send(CHATTER, 'hello');
    const sender = { userId: `@zed:${live.test.services.config.serverName}`, deviceId: 'D', isGuest: false };
    const sending = live.test.services.eventSender.sendMessage(sender, live.roomId, 'm.room.encrypted', 'x', {});
    assert.deepEqual(await codeOf(sending), [403, 'M_FORBIDDEN', 'wrong_type', undefined]);
  });

  it('makes the message wait where moderators want time, unless its sender is sanctioned meanwhile', async () => {
    const { serverName } = live.test.services.config;
    await live.send(CHATTER, 'hello');
    await live.set('online.beamify.live.settings', { delay: 4 });
    live.test.clock.advance(2000);
    const waiting = live.test.clock.pending + 2;
    const [late, caught] = [codeOf(live.send(CHATTER, 'late')), codeOf(live.send('@amy:test.example', 'caught'))];
    while (live.test.clock.pending < waiting) await new Promise((resolve) => setImmediate(resolve));
    live.sanctions.set(`@amy:${serverName}`, { ...FREE, timedOutUntil: live.test.clock.now() + 60_000 });
    live.test.clock.advance(4000);
    assert.deepEqual(await late, ['in']);
    assert.deepEqual((await caught)[2], 'timed_out');
  });

  it('tells viewers of deletions, bans and settings', async () => {
    const { services, clock } = live.test;
    const moderator = { userId: `@mod:${services.config.serverName}`, deviceId: 'D', isGuest: false };
    const eventId = await live.send(CHATTER, 'spam spam');
    await live.send('@mod:test.example', 'be kind');
    await services.eventSender.redact(moderator, live.roomId, eventId, 'r');
    await live.set('online.beamify.live.settings', { slow: 5 });
    await services.membership.ban(moderator.userId, live.roomId, `@zed:${services.config.serverName}`);
    clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      live.ticks.flatMap(({ entries }) => entries).map(({ kind }) => kind),
      ['m', 'm', 'd', 'st', 'cu'],
    );
  });

  it('asks other servers nothing that it would not ask its own users, in words that do not stall them', async () => {
    const room = await live.test.services.rooms.get(live.roomId);
    const ask = (entrance: 'sign' | 'federation', eventId: string, body: string, more: JsonObject = {}) =>
      live.gate.judge({
        ...{ entrance, roomId: room!.id, type: 'm.room.message', sender: '@far:remote.example', eventId },
        content: { msgtype: 'm.text', body, ...more },
      });
    assert.equal((await ask('sign', '$1', 'hello from afar')).verdict, 'allow');
    const tooFast = await ask('sign', '$2', 'hello again');
    assert.ok(tooFast.verdict === 'refuse');
    assert.deepEqual([tooFast.error.status, tooFast.error.errcode], [400, 'M_FORBIDDEN']);
    assert.equal((await ask('sign', '$1', 'hello from afar')).verdict, 'allow');
    assert.equal((await ask('federation', '$1', 'hello from afar')).verdict, 'allow');
    assert.equal((await ask('federation', '$2', 'hello again')).verdict, 'refuse');
    live.sanctions.set('@far:remote.example', { ...FREE, timedOutUntil: live.test.clock.now() + 60_000 });
    assert.equal((await ask('federation', '$1', 'hello from afar')).verdict, 'refuse');
    live.sanctions.clear();
    live.test.clock.advance(61_000);
    const badge = { 'online.beamify.chat': { badges: [['vip', '1']] } };
    assert.equal((await ask('federation', '$3', 'I am a VIP', badge)).verdict, 'refuse');
  });

  it('has the sender pay for what it says, whoever asks about it, and once', async () => {
    const ask = (entrance: 'sign' | 'federation', eventId: string, origin: string) =>
      live.gate.judge({
        ...{ entrance, roomId: live.roomId, type: 'm.room.message', sender: '@far:remote.example', eventId, origin },
        content: { msgtype: 'm.text', body: `this is ${eventId}` },
      });
    assert.equal((await ask('sign', '$1', 'other.example')).verdict, 'allow');
    assert.equal((await ask('sign', '$2', 'other.example')).verdict, 'allow', 'whoever else asks spends nothing');
    assert.equal((await ask('federation', '$1', 'remote.example')).verdict, 'allow');
    assert.equal((await ask('federation', '$2', 'remote.example')).verdict, 'refuse', 'what comes is paid for');
    live.test.clock.advance(2000);
    assert.equal((await ask('federation', '$3', 'remote.example')).verdict, 'allow');
    assert.equal((await ask('sign', '$3', 'other.example')).verdict, 'allow', 'what is in is recommended');
  });

  it('limits names and comings of other servers, the comings more while the shield is up', async () => {
    let events = 0;
    const member = (sender: string, entrance: 'sign' | 'client' = 'sign') => {
      events += 1;
      const content = { membership: 'join', displayname: `name ${events}` };
      const eventId = `$m${events}`;
      return live.gate.judge({
        ...{ entrance, roomId: live.roomId, type: 'm.room.member', stateKey: sender, sender, content, eventId },
      });
    };
    const let_in = async (senders: readonly string[]) => {
      const verdicts = await Promise.all(senders.map((sender) => member(sender)));
      return verdicts.filter(({ verdict }) => verdict === 'allow').length;
    };
    const many = (name: string) => Array.from({ length: 40 }, (_, n) => `@${name}${n}:remote.example`);
    assert.equal(await let_in(Array.from({ length: 30 }, () => '@flip:remote.example')), 20);
    live.test.clock.advance(60_000);
    assert.equal(await let_in(many('a')), 20);
    await live.set('online.beamify.live.shield', { active: true });
    live.test.clock.advance(60_000);
    assert.equal(await let_in(many('b')), 2);
    assert.equal((await member('@zed:test.example', 'client')).verdict, 'allow', 'requests are limited elsewhere');
  });

  it('lets in at once what has waited when another server asked for a signature', async () => {
    await live.set('online.beamify.live.settings', { delay: 4 });
    const ask = (entrance: 'sign' | 'federation') =>
      live.gate.judge({
        ...{ entrance, roomId: live.roomId, type: 'm.room.message', sender: '@far:remote.example', eventId: '$slow' },
        content: { msgtype: 'm.text', body: 'hello from afar' },
      });
    const asked = await ask('sign');
    assert.ok(asked.verdict === 'delay' && asked.again);
    assert.equal((await ask('federation')).verdict, 'delay', 'nobody comes in sooner than by asking');
    live.test.clock.advance(4000);
    assert.equal((await asked.again()).verdict, 'allow');
    assert.equal((await ask('federation')).verdict, 'allow');
    assert.equal((await ask('sign')).verdict, 'allow');
  });

  it('has a channel for those who come while it is put away', async () => {
    live.test.clock.advance(60_000);
    const away = live.channels.closeIdle(1000);
    const opened = await live.channels.open(live.live);
    await away;
    const before = opened!.feed.position.seq;
    await live.send(CHATTER, 'hello');
    live.test.clock.advance(1000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(opened!.feed.position.seq, before + 1);
  });
});
