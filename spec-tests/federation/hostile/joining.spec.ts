import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer, json } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('A hostile server', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let b: TestPeer;
  let hostile: HostileServer;
  let bob: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 1);
    [b] = federation.servers as [TestPeer];
    hostile = await HostileServer.start(federation);
    bob = await federatedUser(b, 'bob');
  });
  after(async () => {
    await hostile?.stop();
    await federation?.stop();
  });
  beforeEach(() => federation.clock.advance(1));

  describe('that joins a room', () => {
    let roomId: string;
    before(async () => {
      roomId = await bob.room({ preset: 'public_chat' });
    });
    const template = (userId: string, query = '?ver=12') =>
      hostile.ask(b, 'GET', `/make_join/${roomId}/${userId}${query}`);
    /** Completes a template, spoils it and hands it back. */
    const submit = async (
      change: (event: JsonObject) => JsonObject,
      operation = '/_matrix/federation/v2/send_join',
    ) => {
      const made = await template(hostile.user('joiner'));
      assert.equal(made.status, 200, JSON.stringify(made.body));
      const from = new HostileRoom(hostile, { now: () => federation.clock.now() });
      const { origin: _, ...event } = made.body.event;
      const built = from.sign(change(event) as never);
      return { answer: await hostile.ask(b, 'PUT', `${operation}/${roomId}/${built.eventId}`, built.pdu), built };
    };

    it('gets a template for its own users alone', async () => {
      const answer = await template(bob.userId);
      assert.equal(answer.status, 403);
      assert.equal((await template(hostile.user('joiner'))).status, 200);
    });

    it('learns the version of a room that it does not know', async () => {
      for (const query of ['', '?ver=1&ver=11']) {
        const answer = await template(hostile.user('joiner'), query);
        assert.equal(answer.status, 400);
        assert.equal(answer.body.errcode, 'M_INCOMPATIBLE_ROOM_VERSION');
        assert.equal(answer.body.room_version, '12');
      }
    });

    it('learns that there is no such room', async () => {
      const unknown = `/make_join/!0123456789012345678901234567890123456789012/${hostile.user('x')}?ver=12`;
      const answer = await hostile.ask(b, 'GET', unknown);
      assert.equal(answer.status, 404);
      assert.equal(answer.body.errcode, 'M_NOT_FOUND');
    });

    const spoilt: [string, (event: JsonObject) => JsonObject][] = [
      ['is of another type', (event) => ({ ...event, type: 'm.room.topic' })],
      ['is a leave', (event) => ({ ...event, content: { membership: 'leave' } })],
      ['is for somebody else', (event) => ({ ...event, state_key: hostile.user('other') })],
      ['is by a user of another server', (event) => ({ ...event, sender: bob.userId, state_key: bob.userId })],
      ['is of another room', (event) => ({ ...event, room_id: '!0123456789012345678901234567890123456789012' })],
      ['is no state', ({ state_key: _, ...event }) => event],
    ];
    for (const [what, change] of spoilt) {
      it(`is refused with an event that ${what}`, async () => {
        const { answer } = await submit(change);
        assert.equal(answer.status, 400, JSON.stringify(answer.body));
        assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
      });
    }

    it('is refused with an event that it did not sign', async () => {
      const made = await template(hostile.user('joiner'));
      const from = new HostileRoom(hostile, { now: () => federation.clock.now() });
      const { origin: _, ...event } = made.body.event;
      const { pdu, eventId } = from.sign(event);
      const path = `/_matrix/federation/v2/send_join/${roomId}/${eventId}`;
      for (const signatures of [{}, { [hostile.name]: { [hostile.key.keyId]: 'A'.repeat(86) } }]) {
        const answer = await hostile.ask(b, 'PUT', path, { ...pdu, signatures });
        assert.equal(answer.body.errcode, 'M_INVALID_PARAM');
      }
    });

    it('is not let in by this server against the rules', async () => {
      const closed = await bob.room({
        initial_state: [{ type: 'm.room.join_rules', content: { join_rule: 'restricted', allow: [] } }],
      });
      const made = await hostile.ask(b, 'GET', `/make_join/${closed}/${hostile.user('joiner')}?ver=12`);
      assert.equal(made.body.errcode, 'M_FORBIDDEN');
      const open = (await template(hostile.user('joiner'))).body.event;
      const from = new HostileRoom(hostile, { now: () => federation.clock.now() });
      const { origin: _, ...event } = open;
      const content = { membership: 'join', join_authorised_via_users_server: bob.userId };
      const built = from.sign({ ...event, room_id: closed, content });
      const answer = await hostile.ask(
        b,
        'PUT',
        `/_matrix/federation/v2/send_join/${closed}/${built.eventId}`,
        built.pdu,
      );
      assert.equal(answer.body.errcode, 'M_FORBIDDEN');
      assert.deepEqual(await bob.members(closed), [bob.userId]);
    });

    it('is let in if all is as it should be, and again if it asks again', async () => {
      const { answer, built } = await submit((event) => event);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.ok(answer.body.state.some((event: { type: string }) => event.type === 'm.room.create'));
      assert.equal(answer.body.members_omitted, false);
      const again = await hostile.ask(
        b,
        'PUT',
        `/_matrix/federation/v2/send_join/${roomId}/${built.eventId}`,
        built.pdu,
      );
      assert.deepEqual(again.body.state, answer.body.state);
      const reduced = await hostile.ask(
        b,
        'PUT',
        `/_matrix/federation/v2/send_join/${roomId}/${built.eventId}?omit_members=true`,
        built.pdu,
      );
      assert.equal(reduced.body.members_omitted, true);
      assert.ok(reduced.body.servers_in_room.includes(b.serverName));
      const old = await hostile.ask(b, 'PUT', `/send_join/${roomId}/${built.eventId}`, built.pdu);
      assert.equal(old.body[0], 200);
      assert.deepEqual(old.body[1].state, answer.body.state);
      assert.ok((await bob.members(roomId)).includes(hostile.user('joiner')));
    });
  });

  describe('through which somebody joins', () => {
    const script = (make: (request: IncomingMessage) => JsonObject, submitted: (body: JsonObject) => JsonObject) => {
      hostile.scripts.length = 0;
      hostile.scripts.push((request: IncomingMessage, response: ServerResponse, body: string) => {
        if (request.url?.includes('/make_join/')) json(response, 200, make(request));
        else if (request.url?.includes('/send_join/')) json(response, 200, submitted(JSON.parse(body)));
        else return false;
        return true;
      });
    };
    const join = (from: HostileRoom) => bob.join(from.id, { serverName: hostile.name });
    const room = (version?: string) =>
      new HostileRoom(hostile, { now: () => federation.clock.now(), ...(version === undefined ? {} : { version }) });
    const joinDraft = () => ({
      ...{ type: 'm.room.member', sender: bob.userId, stateKey: bob.userId },
      content: { membership: 'join' },
    });

    const templates: [string, (event: JsonObject) => JsonObject][] = [
      ['other type', (event) => ({ ...event, type: 'm.room.power_levels' })],
      ['other sender', (event) => ({ ...event, sender: hostile.user('x') })],
      ['other user', (event) => ({ ...event, state_key: hostile.user('x') })],
      ['other room', (event) => ({ ...event, room_id: room().id })],
      ['other membership', (event) => ({ ...event, content: { membership: 'leave' } })],
      ['endless list of events', (event) => ({ ...event, prev_events: Array.from({ length: 1_000 }, () => '$x') })],
    ];
    for (const [what, change] of templates) {
      it(`gets no event signed with a template of ${what}`, async () => {
        const from = room();
        let submitted = 0;
        script(
          () => ({ room_version: '12', event: change(from.template(joinDraft()) as unknown as JsonObject) }),
          () => {
            submitted += 1;
            return {};
          },
        );
        assert.equal((await join(from)).status, 502);
        assert.equal(submitted, 0);
      });
    }

    it('gets nothing into the event but its place in the room', async () => {
      const from = room();
      let event: JsonObject = {};
      script(
        () => {
          const template = from.template(joinDraft());
          const content = { membership: 'join', displayname: 'Mallory', 'org.example': 1 };
          return { room_version: '12', event: { ...template, content, extra: 1 } as unknown as JsonObject };
        },
        (body) => {
          event = body;
          return { state: [], auth_chain: [] };
        },
      );
      await join(from);
      assert.deepEqual(event['content'], { membership: 'join', displayname: 'bob' });
      assert.equal(event['extra'], undefined);
    });

    it('cannot make this server use a version that it does not know', async () => {
      const from = room();
      script(
        () => ({ room_version: '99', event: from.template(joinDraft()) as unknown as JsonObject }),
        () => assert.fail('nothing should be submitted'),
      );
      assert.equal((await join(from)).status, 502);
    });

    const answers: [string, (from: HostileRoom) => JsonObject][] = [
      ['nothing', () => ({})],
      ['lists of something else', () => ({ state: [1, 2], auth_chain: ['x'] })],
      ['no state', () => ({ state: [], auth_chain: [] })],
      [
        'the state of another room',
        () => {
          const other = room();
          return { state: [...other.state.values()].map((e) => e.pdu), auth_chain: other.events.map((e) => e.pdu) };
        },
      ],
      [
        'state that nobody signed',
        (from) => ({
          state: [...from.state.values()].map((e) => ({ ...e.pdu, signatures: {} })),
          auth_chain: from.events.map((e) => ({ ...e.pdu, signatures: {} })),
        }),
      ],
    ];
    for (const [what, answer] of answers) {
      it(`lets nobody in who is told ${what}`, async () => {
        const from = room();
        script(
          () => ({ room_version: '12', event: from.template(joinDraft()) as unknown as JsonObject }),
          () => answer(from),
        );
        const joined = await join(from);
        assert.ok(joined.status >= 400, JSON.stringify(joined.body));
        assert.ok(joined.status !== 500, JSON.stringify(joined.body));
        assert.equal((await bob.section(from.id)).kind, undefined);
      });
    }

    for (const version of ['6', '9', '12']) {
      it(`may let somebody into a room of version ${version}`, async () => {
        const from = room(version);
        script(
          () => ({ room_version: version, event: from.template(joinDraft()) as unknown as JsonObject }),
          () => ({
            state: [...from.state.values()].map((e) => e.pdu),
            auth_chain: [...from.state.values()].map((e) => e.pdu),
          }),
        );
        const joined = await join(from);
        assert.deepEqual(joined.body, { room_id: from.id });
        assert.equal((await bob.section(from.id)).kind, 'join');
      });
    }
  });
});
