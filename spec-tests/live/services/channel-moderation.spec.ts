import assert from 'node:assert/strict';
import { recipeOf } from '../../../src/live/rules/recipe.ts';
import { ChannelModeration } from '../../../src/live/services/channel-moderation.ts';
import type { LiveRoom } from '../../../src/live/services/live-rooms.ts';
import { ModLog } from '../../../src/live/services/mod-log.ts';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

const SERVICE = '@_live:test.example';
const STREAMER = '@kai:test.example';
const MODERATOR = '@mod:test.example';
const CHATTER = '@zed:test.example';
const FREE = { banned: false, timedOutUntil: undefined, warned: false };

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    assert.ok(error instanceof MatrixError, String(error));
    return error.errcode;
  }
}

describe('moderation of a channel', () => {
  let test: TestServices;
  let moderation: ChannelModeration;
  let live: LiveRoom;

  async function open(): Promise<void> {
    const { storage, rooms, timeline } = test.services;
    moderation = new ChannelModeration({
      ...{ storage, rooms, timeline, clock: test.clock, random: systemRandom },
      log: new ModLog({ storage, clock: test.clock, random: systemRandom }),
      delays: { senderOf: () => undefined, decide: () => undefined },
      limits: { terms: 3, heldMs: 300_000, held: 2, heldOfUser: 100, reasonBytes: 500, page: 50, logMs: 1e9 },
    });
    await moderation.start();
  }

  beforeEach(async () => {
    test = await startTestServices();
    const recipe = recipeOf({
      ...{ channelId: 'ch_1', streamer: STREAMER, name: 'Kai', title: 'Run', serverName: 'test.example' },
      ...{ policyKey: undefined, retentionMs: 1e9, moderators: [MODERATOR], vips: [] },
    });
    const roomId = await test.services.roomCreation.create({ userId: SERVICE, isAdmin: true }, recipe);
    live = { channelId: 'ch_1', roomId, streamer: STREAMER };
    await open();
  });
  afterEach(() => test.stop());

  const room = async () => (await test.services.rooms.get(live.roomId))!;
  const sanctions = async () => moderation.sanctionsOf(live, await room(), CHATTER);
  const actions = async () => (await moderation.log(MODERATOR, live, undefined)).map(({ action }) => action).sort();
  const hold = (body: string) => {
    const content: JsonObject = { msgtype: 'm.text', body };
    const candidate = { entrance: 'client' as const, roomId: live.roomId, type: 'm.room.message', sender: CHATTER };
    return moderation.hold(live, { ...candidate, content }, { outcome: 'hold', reason: 'links' });
  };

  it('keeps a user from chatting for a time, over restarts too', async () => {
    const until = test.clock.now() + 60_000;
    await moderation.timeOut(MODERATOR, live, CHATTER, 60_000, 'spam');
    assert.deepEqual(await sanctions(), { ...FREE, timedOutUntil: until });
    await test.restart();
    await open();
    assert.deepEqual(await sanctions(), { ...FREE, timedOutUntil: until });
    test.clock.advance(60_000);
    assert.deepEqual(await sanctions(), FREE);
    await moderation.expire();
    assert.deepEqual(await actions(), ['timeout']);
  });

  it('lifts time-outs, and warnings once they are accepted', async () => {
    await moderation.timeOut(MODERATOR, live, CHATTER, 60_000, '');
    await moderation.warn(MODERATOR, live, CHATTER, 'be kind');
    assert.equal((await sanctions()).warned, true);
    await moderation.endTimeOut(MODERATOR, live, CHATTER);
    await moderation.acknowledge(CHATTER, live);
    assert.deepEqual(await sanctions(), FREE);
    assert.deepEqual(await actions(), ['timeout', 'timeout.end', 'warning', 'warning.acknowledge']);
  });

  it('is for moderators only, and not against those who stand as high', async () => {
    assert.equal(await refusal(moderation.timeOut(CHATTER, live, '@amy:test.example', 60_000, '')), 'M_FORBIDDEN');
    assert.equal(await refusal(moderation.timeOut(MODERATOR, live, STREAMER, 60_000, '')), 'M_FORBIDDEN');
    assert.equal(await refusal(moderation.timeOut(STREAMER, live, MODERATOR, 60_000, '')), 'none');
    for (const ms of [999, 1.5e9, Number.NaN]) {
      assert.equal(await refusal(moderation.timeOut(MODERATOR, live, CHATTER, ms, '')), 'M_INVALID_PARAM');
    }
    for (const reading of [moderation.terms(CHATTER, live), moderation.held(CHATTER, live)]) {
      assert.equal(await refusal(reading), 'M_FORBIDDEN');
    }
  });

  it('looks for the terms of the channel, as long as they are on its list', async () => {
    const found = () =>
      moderation
        .matcherOf(live)
        .find('what a L4MER and fool')
        .map(({ pattern }) => pattern);
    await moderation.putTerm(MODERATOR, live, { pattern: 'lamer', action: 'block', expires: null });
    test.clock.advance(1);
    await moderation.putTerm(MODERATOR, live, { pattern: 'fool', action: 'hold', expires: test.clock.now() + 1000 });
    assert.deepEqual(found(), ['lamer', 'fool']);
    await test.restart();
    await open();
    assert.deepEqual(found(), ['lamer', 'fool']);
    test.clock.advance(1000);
    await moderation.expire();
    assert.deepEqual(found(), ['lamer']);
    await moderation.removeTerm(MODERATOR, live, 'lamer');
    assert.deepEqual(found(), []);
    for (const pattern of ['a', 'b', 'c', 'a']) {
      await moderation.putTerm(MODERATOR, live, { pattern, action: 'block', expires: null });
    }
    const add = (pattern: string) => moderation.putTerm(MODERATOR, live, { pattern, action: 'block', expires: null });
    assert.equal(await refusal(add('d')), 'M_FORBIDDEN');
    assert.equal(await refusal(add('***')), 'M_INVALID_PARAM');
  });

  it('lets one moderator decide on a held message, which then is an event or never was one', async () => {
    await test.services.membership.join({ userId: CHATTER, isGuest: false }, live.roomId, {});
    const [good, bad] = [await hold('good'), await hold('bad')];
    assert.equal(await hold('too many'), undefined);
    assert.deepEqual((await moderation.held(MODERATOR, live)).map(({ held_id }) => held_id).sort(), [good, bad].sort());
    const eventId = await moderation.decideHeld(MODERATOR, live, good!, 'allowed');
    assert.equal(await moderation.decideHeld(MODERATOR, live, bad!, 'denied'), undefined);
    assert.equal(await refusal(moderation.decideHeld(STREAMER, live, bad!, 'allowed')), 'M_NOT_FOUND');
    const { recent } = await room();
    assert.deepEqual([recent.at(-1)?.eventId, recent.at(-1)?.content['body']], [eventId, 'good']);
    assert.deepEqual(await moderation.held(MODERATOR, live), []);
  });

  it('lets nobody decide when it is too late', async () => {
    const id = await hold('late');
    test.clock.advance(300_000);
    assert.equal(await refusal(moderation.decideHeld(MODERATOR, live, id!, 'allowed')), 'M_NOT_FOUND');
    await moderation.expire();
    assert.deepEqual(await moderation.held(MODERATOR, live), []);
  });
});
