import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { type FederatedUser, federatedUser } from '../../support/federated-users.ts';
import { HostileRoom } from '../../support/hostile-room.ts';
import { HostileServer, json } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('The time that joining rooms of other servers takes', function () {
  this.timeout(60_000);
  let federation: TestFederation;
  let a: TestPeer;
  let b: TestPeer;
  let slow: HostileServer;
  let alice: FederatedUser;
  let bob: FederatedUser;

  before(async function () {
    federation = await startTestFederation(this, 2, {
      federation: {
        membership_timeout: '20s',
        join_timeout: '60s',
        join_budget: '150s',
        join_answer_timeout: '40s',
      },
    });
    [a, b] = federation.servers as [TestPeer, TestPeer];
    alice = await federatedUser(a, 'alice');
    bob = await federatedUser(b, 'bob');
    slow = await HostileServer.start(federation);
  });
  after(async () => {
    await slow?.stop();
    await federation?.stop();
  });
  beforeEach(() => {
    slow.scripts.length = 0;
  });

  /** Resolves with each request for the operation, in order; somebody else answers it, or nobody. */
  const held = (operation: string) => {
    const waiting: ((of: { response: ServerResponse; body: string }) => void)[] = [];
    const come: { response: ServerResponse; body: string }[] = [];
    slow.scripts.push((request: IncomingMessage, response: ServerResponse, body: string) => {
      if (!request.url?.includes(`/${operation}/`)) return false;
      const next = waiting.shift();
      if (next) next({ response, body });
      else come.push({ response, body });
      return true;
    });
    return () =>
      new Promise<{ response: ServerResponse; body: string }>((resolve) => {
        const next = come.shift();
        if (next) resolve(next);
        else waiting.push(resolve);
      });
  };
  const room = () => new HostileRoom(slow, { now: () => federation.clock.now() });
  const template = (from: HostileRoom, user: FederatedUser) =>
    from.template({
      ...{ type: 'm.room.member', sender: user.userId, stateKey: user.userId, content: { membership: 'join' } },
    }) as unknown as JsonObject;
  const stateOf = (from: HostileRoom) => {
    const state = [...from.state.values()].map((event) => event.pdu);
    return { state, auth_chain: state } as unknown as JsonObject;
  };
  const via = () => ({ serverName: slow.name });

  it('is bounded for each server, and the next one is asked', async () => {
    const roomId = await alice.room({ preset: 'public_chat' });
    const asked = held('make_join');
    const joining = bob.join(roomId, via(), a);
    await asked();
    federation.clock.advance(20_000);
    assert.deepEqual((await joining).body, { room_id: roomId });
  });

  it('is told to a client that waits too long; when it tries again it is in', async () => {
    const from = room();
    slow.scripts.push((request, response) => {
      if (!request.url?.includes('/make_join/')) return false;
      json(response, 200, { room_version: '12', event: template(from, bob) });
      return true;
    });
    const submitted = held('send_join');
    const joining = bob.join(from.id, via());
    const { response } = await submitted();
    federation.clock.advance(40_000);
    const late = await joining;
    assert.equal(late.status, 504);
    assert.equal(late.body.errcode, 'M_UNKNOWN');
    assert.match(late.body.error, /goes on/);
    const again = bob.join(from.id, via());
    json(response, 200, stateOf(from));
    assert.deepEqual((await again).body, { room_id: from.id });
    assert.equal((await bob.section(from.id)).kind, 'join');
    assert.equal(slow.requests.filter(({ target }) => target.includes('/send_join/')).length, 1);
  });

  it('is over when no server is left to ask; then it can be tried anew', async () => {
    const from = room();
    const asked = held('make_join');
    const joining = bob.join(from.id, via());
    await asked();
    federation.clock.advance(20_000);
    assert.equal((await joining).status, 502);
    const again = bob.join(from.id, via());
    const { response } = await asked();
    const submitted = held('send_join');
    json(response, 200, { room_version: '12', event: template(from, bob) });
    const handed = await submitted();
    json(handed.response, 200, stateOf(from));
    assert.equal((await again).status, 200);
  });
});
