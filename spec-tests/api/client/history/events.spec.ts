import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { ROOM_VERSIONS } from '../../../../src/protocol/room-versions/index.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

describe('Single events', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;

  before(async () => {
    server = await startTestHomeserver();
    alice = await server.register('alice');
    bob = await server.register('bob');
  });
  after(() => server.stop());

  let txn = 0;
  const send = async (user: TestUser, roomId: string, body: string, more: object = {}): Promise<string> => {
    const content = { msgtype: 'm.text', body, ...more };
    return (await user.ask('PUT', `/v3/rooms/${roomId}/send/m.room.message/t${++txn}`, content)).body.event_id;
  };
  const room = async (body: object = {}): Promise<string> =>
    (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat', ...body })).body.room_id;
  const event = (user: TestUser, roomId: string, eventId: string) =>
    user.ask('GET', `/v3/rooms/${roomId}/event/${encodeURIComponent(eventId)}`);
  const outcome = ({ status, body }: { status: number; body: { errcode?: string } }) => [status, body.errcode];

  describe('getOneRoomEvent', () => {
    it('finds an event in its room only, and only for those who may see it', async () => {
      const roomId = await room();
      const eventId = await send(alice, roomId, 'here');
      strictEqual((await event(alice, roomId, eventId)).body.content.body, 'here');
      for (const answer of [
        await event(alice, await room(), eventId),
        await event(alice, roomId, '$unknown'),
        await event(bob, roomId, eventId),
      ]) {
        deepStrictEqual(outcome(answer), [404, 'M_NOT_FOUND']);
      }
    });
  });

  describe('getEventContext', () => {
    const context = (user: TestUser, roomId: string, eventId: string, query = '') =>
      user.ask('GET', `/v3/rooms/${roomId}/context/${eventId}?${query}`);
    const bodies = (events: { content: { body: string } }[]) => events.map((e) => e.content.body);

    it('has what came before and after, tokens to go on from, and the state after the last event', async () => {
      const roomId = await room();
      const ids: string[] = [];
      for (let i = 0; i < 9; i++) ids.push(await send(alice, roomId, `m${i}`));
      await alice.ask('PUT', `/v3/rooms/${roomId}/state/m.room.name`, { name: 'Later' });
      const { body } = await context(alice, roomId, ids[4]!, 'limit=5');
      strictEqual(body.event.content.body, 'm4');
      deepStrictEqual(bodies(body.events_before), ['m3', 'm2']);
      deepStrictEqual(bodies(body.events_after), ['m5', 'm6', 'm7']);
      strictEqual(
        body.state.some((e: { type: string }) => e.type === 'm.room.name'),
        false,
      );
      ok(body.state.some((e: { type: string }) => e.type === 'm.room.create'));
      const back = await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=b&limit=1&from=${body.start}`);
      const forth = await alice.ask('GET', `/v3/rooms/${roomId}/messages?dir=f&limit=1&from=${body.end}`);
      deepStrictEqual([...bodies(back.body.chunk), ...bodies(forth.body.chunk)], ['m1', 'm8']);
      const alone = (await context(alice, roomId, ids[4]!, 'limit=0')).body;
      deepStrictEqual([alone.events_before, alone.events_after], [[], []]);
    });

    it('filters what is around, and loads members lazily', async () => {
      const roomId = await room();
      await bob.ask('POST', `/v3/join/${roomId}`);
      await send(bob, roomId, 'not this');
      const eventId = await send(alice, roomId, 'this');
      const filter = encodeURIComponent(JSON.stringify({ senders: [alice.userId], lazy_load_members: true }));
      const { body } = await context(alice, roomId, eventId, `limit=4&filter=${filter}`);
      deepStrictEqual(
        body.events_before.map((e: { type: string }) => e.type),
        [],
      );
      deepStrictEqual(
        body.state
          .filter((e: { type: string }) => e.type === 'm.room.member')
          .map((e: { state_key: string }) => e.state_key),
        [alice.userId],
      );
      deepStrictEqual(outcome(await context(bob, roomId, '$unknown')), [404, 'M_NOT_FOUND']);
    });
  });

  describe('redactEvent', () => {
    const redact = (user: TestUser, roomId: string, eventId: string, id: string, body: object = {}) =>
      user.ask('PUT', `/v3/rooms/${roomId}/redact/${encodeURIComponent(eventId)}/${id}`, body);

    it('takes the content away and says why, in every version of rooms', async () => {
      for (const version of ROOM_VERSIONS) {
        const roomId = await room({ room_version: version });
        const eventId = await send(alice, roomId, 'regret');
        const redaction = await redact(alice, roomId, eventId, 'r1', { reason: 'no' });
        const again = await redact(alice, roomId, eventId, 'r1', { reason: 'no' });
        strictEqual(again.body.event_id, redaction.body.event_id);
        const { body } = await event(alice, roomId, eventId);
        deepStrictEqual(body.content, {});
        strictEqual(body.unsigned.redacted_because.event_id, redaction.body.event_id);
        strictEqual(body.unsigned.redacted_because.content.reason, 'no');
        const seen = (await event(alice, roomId, redaction.body.event_id)).body;
        deepStrictEqual([seen.redacts, seen.content.redacts], [eventId, eventId]);
      }
    });

    it('lets people redact what is theirs, and those with the power what is others’', async () => {
      const roomId = await room();
      await bob.ask('POST', `/v3/join/${roomId}`);
      const ofAlice = await send(alice, roomId, 'x');
      const ofBob = await send(bob, roomId, 'y');
      deepStrictEqual(outcome(await redact(bob, roomId, ofAlice, 'a')), [403, 'M_FORBIDDEN']);
      strictEqual((await redact(bob, roomId, ofBob, 'b')).status, 200);
      strictEqual((await redact(alice, roomId, await send(bob, roomId, 'z'), 'c')).status, 200);
      deepStrictEqual(outcome(await redact(alice, roomId, '$unknown', 'd')), [404, 'M_NOT_FOUND']);
      deepStrictEqual(outcome(await redact(alice, await room(), ofBob, 'e')), [404, 'M_NOT_FOUND']);
    });

    it('can be sent like any other event', async () => {
      const roomId = await room({ room_version: '10' });
      const eventId = await send(alice, roomId, 'x');
      const path = `/v3/rooms/${roomId}/send/m.room.redaction/s1`;
      strictEqual((await alice.ask('PUT', path, { redacts: eventId })).status, 200);
      deepStrictEqual((await event(alice, roomId, eventId)).body.content, {});
      deepStrictEqual(outcome(await alice.ask('PUT', `${path}2`, {})), [400, 'M_INVALID_PARAM']);
    });
  });

  describe('getEventByTimestamp', () => {
    it('finds the closest event that the user may see, in the direction asked for', async () => {
      const roomId = await room();
      const start = server.clock.now();
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) {
        server.clock.advance(60_000);
        ids.push(await send(alice, roomId, `m${i}`));
      }
      const at = async (minutes: number, dir: string, user = alice) => {
        const ts = start + Math.round(minutes * 60_000);
        const answer = await user.ask('GET', `/v1/rooms/${roomId}/timestamp_to_event?ts=${ts}&dir=${dir}`);
        return answer.status === 200 ? answer.body.event_id : outcome(answer);
      };
      strictEqual(await at(2, 'f'), ids[1]);
      strictEqual(await at(2, 'b'), ids[1]);
      strictEqual(await at(2.4, 'f'), ids[2]);
      strictEqual(await at(2.6, 'b'), ids[1]);
      strictEqual(await at(1_000, 'b'), ids[4]);
      const twins = [await send(alice, roomId, 'one'), await send(alice, roomId, 'two')];
      strictEqual(await at(2_000, 'b'), twins[1]);
      deepStrictEqual(await at(1_000, 'f'), [404, 'M_NOT_FOUND']);
      deepStrictEqual(await at(-1, 'b'), [404, 'M_NOT_FOUND']);
      deepStrictEqual(await at(2, 'f', bob), [403, 'M_FORBIDDEN']);
    });

    it('finds how a room began, also of one that is like another of the same millisecond', async () => {
      for (const roomId of [await room(), await room(), await room()]) {
        const first = await alice.ask('GET', `/v1/rooms/${roomId}/timestamp_to_event?ts=0&dir=f`);
        strictEqual((await event(alice, roomId, first.body.event_id)).body.type, 'm.room.create');
      }
    });
  });
});
