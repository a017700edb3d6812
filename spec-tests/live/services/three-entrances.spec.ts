import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { REFUSALS } from '../../../src/live/rules/refusals.ts';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

type Entrance = 'gateway' | 'send' | 'sign';
const ALL: readonly Entrance[] = ['gateway', 'send', 'sign'];
/** Whoever chats with another client is in the room, and is told by the room's own rules that it may not be. */
const NOT_BY_SEND: readonly Entrance[] = ['gateway', 'sign'];
/** The gateway makes plain texts only: what another content is refused for does not come up there. */
const NOT_BY_GATEWAY: readonly Entrance[] = ['send', 'sign'];

interface Case {
  readonly code: string;
  readonly settings?: JsonObject;
  readonly body?: string;
  readonly content?: JsonObject;
  readonly type?: string;
  readonly entrances?: readonly Entrance[];
  /** What happens before the message that is refused. */
  readonly prepare?: (room: Entrances, sender: string, entrance: Entrance) => Promise<unknown>;
  /** What happens while the message waits. */
  readonly meanwhile?: (room: Entrances, sender: string) => Promise<unknown>;
}

class Entrances {
  #count = 0;
  readonly test: TestServices;

  constructor(test: TestServices) {
    this.test = test;
  }

  get live() {
    return this.test.services.live;
  }

  get room() {
    return this.live.book.get('kai').live;
  }

  async say(entrance: Entrance, sender: string, content: JsonObject, type = 'm.room.message'): Promise<void> {
    const { admission, eventSender } = this.test.services;
    const { roomId } = this.room;
    this.#count += 1;
    const txn = `t${this.#count}`;
    if (entrance === 'gateway') {
      const line = { txn, body: String(content['body']) };
      await this.live.chat.send(this.room, { userId: sender, deviceId: 'D' }, line);
    } else if (entrance === 'send') {
      await eventSender.sendMessage({ userId: sender, deviceId: 'D', isGuest: false }, roomId, type, txn, content);
    } else {
      await admission.admit({ entrance: 'sign', roomId, type, sender, content, eventId: `$${txn}` });
    }
  }

  async until(sender: string, body: string, entrance: Entrance): Promise<void> {
    await this.say(entrance, sender, { msgtype: 'm.text', body });
  }
}

const CASES: readonly Case[] = [
  {
    code: 'banned',
    entrances: NOT_BY_SEND,
    prepare: async ({ live, room }, sender) => live.control.ban('@kai:test.example', room, sender),
  },
  {
    code: 'timed_out',
    prepare: async ({ live, room }, sender) => live.moderation.timeOut('@kai:test.example', room, sender, 60_000, ''),
  },
  {
    code: 'warned',
    prepare: async ({ live, room }, sender) => live.moderation.warn('@kai:test.example', room, sender, ''),
  },
  {
    code: 'members_only',
    entrances: NOT_BY_SEND,
    prepare: ({ live, room }) =>
      live.control.changeSession('@kai:test.example', room, { viewers: 'members', more: {} }),
  },
  {
    code: 'chat_closed',
    prepare: ({ live, room }) => live.control.changeSession('@kai:test.example', room, { status: 'ended', more: {} }),
  },
  {
    code: 'deleted',
    settings: { delay: 6 },
    meanwhile: ({ live, room }, sender) => live.clearing.purge('@kai:test.example', room, sender),
  },
  { code: 'too_long', settings: { max_length: 3 }, body: 'four' },
  { code: 'bad_characters', body: 'turned \u202e around' },
  { code: 'no_images', content: { msgtype: 'm.image', body: 'x', url: 'mxc://a/b' }, entrances: NOT_BY_GATEWAY },
  { code: 'wrong_type', type: 'm.room.encrypted', content: {}, entrances: NOT_BY_GATEWAY },
  {
    code: 'html_mismatch',
    content: { msgtype: 'm.text', body: 'nice', format: 'org.matrix.custom.html', formatted_body: 'not nice at all' },
    entrances: NOT_BY_GATEWAY,
  },
  { code: 'rate_limited', prepare: (room, sender, entrance) => room.until(sender, 'the first', entrance) },
  {
    code: 'slow_mode',
    settings: { slow: 30 },
    async prepare(room, sender, entrance) {
      await room.until(sender, 'the first', entrance);
      room.test.clock.advance(5000);
    },
  },
  { code: 'followers_only', settings: { followers_only: 10 } },
  { code: 'subscribers_only', settings: { subscribers_only: 1 } },
  { code: 'emote_only', settings: { emote_only: true } },
  { code: 'account_age', settings: { account_age: 10 } },
  { code: 'unverified', settings: { verified: ['email'] } },
  { code: 'first_time', settings: { first_time: 'block' } },
  {
    code: 'duplicate',
    body: 'said twice',
    async prepare(room, sender, entrance) {
      await room.until(sender, 'said twice', entrance);
      room.test.clock.advance(5000);
    },
  },
  {
    code: 'not_unique',
    settings: { unique: { min_length: 1, window_s: 600 } },
    body: 'what all say',
    prepare: (room) => room.until('@other:remote.example', 'what all say', 'sign'),
  },
  {
    code: 'room_busy',
    settings: { admit_rate: 1 },
    prepare: (room) => room.until('@other:remote.example', 'quicker than you', 'sign'),
  },
  { code: 'blocked_term', body: 'you l4mer' },
  { code: 'links', settings: { links: 'block' }, body: 'see https://spam.example/x' },
  { code: 'held', settings: { links: 'hold' }, body: 'see https://spam.example/x' },
  {
    code: 'too_many_mentions',
    content: {
      msgtype: 'm.text',
      body: 'hey',
      'm.mentions': { user_ids: ['@a:x', '@b:x', '@c:x', '@d:x', '@e:x', '@f:x'] },
    },
    entrances: NOT_BY_GATEWAY,
  },
  { code: 'too_many_emotes', body: '🔥'.repeat(21) },
  { code: 'too_loud', body: 'WHY IS EVERYBODY SHOUTING HERE' },
];

describe('the three entrances of a live room', function () {
  this.timeout(60_000);
  let test: TestServices;
  let room: Entrances;

  before(async () => {
    test = await startTestServices({ live: { tick: '0s' } });
    room = new Entrances(test);
    await test.services.live.start();
    const kai = { userId: '@kai:test.example', isAdmin: false };
    await test.services.live.book.create(kai, { handle: 'kai', name: 'Kai' });
    const term = { pattern: 'lamer', action: 'block' as const, expires: null };
    await room.live.moderation.putTerm(kai.userId, room.room, term);
  });
  after(async () => {
    await test.services.live.stop();
    await test.stop();
  });

  async function refused(given: Case, entrance: Entrance): Promise<MatrixError> {
    const { settings = {}, body = 'good game everybody', content = { msgtype: 'm.text', body }, type } = given;
    const { prepare, meanwhile } = given;
    const sender = entrance === 'sign' ? `@${given.code}:remote.example` : `@${given.code}-${entrance}:test.example`;
    // Whoever chats by another client has joined before.
    if (entrance === 'send')
      await test.services.membership.join({ userId: sender, isGuest: false }, room.room.roomId, {});
    const service = { userId: '@_live:test.example', isGuest: false };
    const set = (what: JsonObject) =>
      test.services.eventSender.setState(service, room.room.roomId, 'online.beamify.live.settings', '', what);
    await set(settings);
    test.clock.advance(700_000);
    await prepare?.(room, sender, entrance);
    try {
      const waiting = test.clock.pending + 1;
      const said = room.say(entrance, sender, content, type);
      said.catch(() => undefined);
      while (meanwhile && test.clock.pending < waiting) await new Promise((resolve) => setImmediate(resolve));
      await meanwhile?.(room, sender);
      await said;
    } catch (error) {
      assert.ok(error instanceof MatrixError, String(error));
      return error;
    } finally {
      await set({});
      const open = { status: 'offline', viewers: 'anyone', more: {} } as const;
      await room.live.control.changeSession('@kai:test.example', room.room, open);
    }
    throw new Error('it was let in');
  }

  it('refuse whoever has not signed in, who can only come by the gateway', async () => {
    const open = await room.live.access.channel('kai', undefined);
    const reply = await room.live.access.perform('send', open!, undefined, { txn: '1', body: 'hello' });
    assert.ok(!reply.ok);
    assert.equal(reply.code, 'signed_out');
  });

  it('are told every code that there is, and clients are told of each', () => {
    const codes = Object.keys(REFUSALS);
    assert.deepEqual([...new Set([...CASES.map(({ code }) => code), 'signed_out'])].sort(), codes.toSorted());
    const told = readFileSync(new URL('../../../../docs/live-protocol.md', import.meta.url), 'utf8');
    for (const code of codes) assert.ok(told.includes(`\`${code}\``), code);
  });

  for (const given of CASES) {
    it(`refuse alike: ${given.code}`, async () => {
      for (const entrance of given.entrances ?? ALL) {
        const error = await refused(given, entrance);
        const json = error.toJSON();
        assert.equal(json['online.beamify.code'], given.code, `${entrance}: ${JSON.stringify(json)}`);
        const isPacing = ['slow_mode', 'rate_limited', 'room_busy'].includes(given.code);
        if (entrance === 'sign') assert.deepEqual([error.status, error.errcode], [400, 'M_FORBIDDEN']);
        else
          assert.deepEqual(
            [error.status, typeof json['retry_after_ms']],
            isPacing ? [429, 'number'] : [403, 'undefined'],
          );
        if (isPacing) assert.equal(typeof json['retry_ms'], 'number');
      }
    });
  }
});
