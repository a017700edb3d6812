import assert from 'node:assert/strict';
import type { FederationRequest } from '../../../src/federation/signed-client/federation-client.ts';
import { RemoteError } from '../../../src/federation/signed-client/remote-error.ts';
import { forbidden } from '../../../src/protocol/errors.ts';
import type { Pdu } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { hasPolicySignature, POLICY_KEY_ID, roomPolicyIn } from '../../../src/protocol/signing/policy-signature.ts';
import { addSignature } from '../../../src/protocol/signing/sign-json.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { policySignature } from '../../../src/services/admission/policy-key.ts';
import { changeMember, memberDraft } from '../../../src/services/membership/change-member.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import type { SignedEvent, StoredEvent } from '../../../src/services/timeline/stored-event.ts';
import { EventKind } from '../../../src/storage/contract/events.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../support/remote-server.ts';
import { ALICE, BOB, CAROL, TestTimeline } from '../timeline/support/test-timeline.ts';

const POLICY = new RemoteServer('policy.example', 5);
const FAR = new RemoteServer('far.example', 1);
const GUARD = POLICY.user('guard');
const DORA = FAR.user('dora');
const KEY = signingKeyFromSeed(Buffer.alloc(32, 9), 'policy_server');
const CONTENT = { via: POLICY.name, public_keys: { ed25519: KEY.publicKey } };

describe('the policy server of a room', () => {
  let rig: TestTimeline;
  let room: Room;
  let asked: Pdu[];
  let answer: (pdu: Pdu) => Promise<JsonObject> | JsonObject;

  const recommends = (pdu: Pdu): JsonObject => ({
    [POLICY.name]: { [POLICY_KEY_ID]: policySignature(pdu, room.rules, KEY) },
  });
  const refuses = (): JsonObject => {
    throw new RemoteError(POLICY.name, 400, { body: { errcode: 'M_FORBIDDEN', error: 'This looks like spam' } });
  };

  beforeEach(async () => {
    rig = await TestTimeline.start();
    rig.keys = keysOf(POLICY, FAR);
    room = await rig.room();
    asked = [];
    answer = recommends;
    rig.network = {
      async ask(request: FederationRequest) {
        assert.equal(request.uri, '/_matrix/policy/v1/sign');
        assert.equal(request.destination, POLICY.name);
        asked.push(request.content as Pdu);
        return answer(request.content as Pdu);
      },
    };
    await rig.setState(room.id, 'm.room.member', GUARD, { membership: 'join' }, GUARD);
    await rig.setState(room.id, 'm.room.member', DORA, { membership: 'join' }, DORA);
    await rig.setState(room.id, 'm.room.policy', '', CONTENT);
    assert.equal(asked.length, 0);
  });
  afterEach(() => rig.stop());

  const isSigned = (event: StoredEvent) => hasPolicySignature(event.pdu, room.rules, roomPolicyIn(CONTENT)!);
  const receive = (event: SignedEvent) => rig.receiver.receive(FAR.name, room.id, [wire(event)]);
  const kindOf = async (event: SignedEvent) => (await rig.storage.read((tx) => tx.events.byId(event.eventId)))?.kind;

  it('signs what users here send: messages, state, redactions and memberships', async () => {
    const said = await rig.say(room.id, 'hello');
    assert.ok(isSigned(said));
    assert.ok(isSigned(await rig.setState(room.id, 'm.room.topic', '', { topic: 'policies' })));
    const invite = { type: 'm.room.member', sender: ALICE, stateKey: CAROL, content: { membership: 'invite' } };
    const [member] = await rig.timeline.change(room.id, (turn, now) => rig.timeline.append(turn, now, [invite]));
    assert.ok(isSigned(member!));
    const redaction = { type: 'm.room.redaction', sender: ALICE, content: {}, redacts: said.eventId };
    assert.ok(isSigned(await rig.timeline.send(room.id, redaction)));
    assert.equal(asked.length, 4);
  });

  it('is told to the sender when it refuses, and nothing is sent', async () => {
    answer = refuses;
    const before = room.recent.length;
    await assert.rejects(rig.say(room.id, 'spam'), {
      errcode: 'M_FORBIDDEN',
      message: 'This looks like spam',
      status: 400,
    });
    answer = () => ({ [POLICY.name]: { [POLICY_KEY_ID]: 'A'.repeat(86) } });
    await assert.rejects(rig.say(room.id, 'spam'), { errcode: 'M_FORBIDDEN' });
    answer = () => ({});
    await assert.rejects(rig.setState(room.id, 'm.room.topic', '', { topic: 'spam' }), { errcode: 'M_FORBIDDEN' });
    assert.equal(room.recent.length, before);
  });

  it('does not hold up the room while it thinks', async () => {
    let decide = (_: JsonObject): void => undefined;
    answer = (pdu) =>
      pdu.content['body'] === 'slow'
        ? new Promise((resolve) => {
            decide = () => resolve(recommends(pdu));
          })
        : recommends(pdu);
    const slow = rig.say(room.id, 'slow');
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const quick = await rig.say(room.id, 'quick');
    decide({});
    const late = await slow;
    assert.ok(late.position > quick.position);
    const next = await rig.say(room.id, 'both');
    assert.deepEqual(new Set(next.pdu.prev_events), new Set([quick.eventId, late.eventId]));
  });

  /** Lets the room go on while the server thinks about members: `decide` makes it answer. */
  const thinksAboutMembers = () => {
    const waiting: (() => void)[] = [];
    answer = (pdu) =>
      pdu.type === 'm.room.member'
        ? new Promise((resolve) => waiting.push(() => resolve(recommends(pdu))))
        : recommends(pdu);
    return {
      isAsked: async () => {
        while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      },
      decide: () => waiting.shift()!(),
    };
  };

  it('does not hold up the room while it thinks about a membership that is decided in the turn', async () => {
    const policy = thinksAboutMembers();
    const seen: string[] = [];
    const inviting = changeMember(rig.timeline, room.id, (_, present) => {
      seen.push(String(present(CAROL)));
      return memberDraft(ALICE, CAROL, { membership: 'invite' });
    });
    await policy.isAsked();
    const quick = await rig.say(room.id, 'quick');
    policy.decide();
    const invite = await inviting;
    assert.ok(invite && isSigned(invite) && invite.position > quick.position);
    assert.equal(room.membershipOf(CAROL), 'invite');
    assert.deepEqual(seen, ['undefined', 'undefined']);
  });

  it('is asked again if what was decided is something else by then', async () => {
    const policy = thinksAboutMembers();
    const joining = changeMember(rig.timeline, room.id, (_, present) =>
      present(CAROL) === 'invite' ? undefined : memberDraft(ALICE, CAROL, { membership: 'invite' }),
    );
    await policy.isAsked();
    answer = recommends;
    await rig.setState(room.id, 'm.room.member', CAROL, { membership: 'invite' });
    policy.decide();
    assert.equal(await joining, undefined);

    const later = thinksAboutMembers();
    const banning = changeMember(rig.timeline, room.id, (_, present) =>
      memberDraft(ALICE, CAROL, { membership: 'ban', reason: `was: ${present(CAROL)}` }),
    );
    await later.isAsked();
    answer = recommends;
    await rig.setState(room.id, 'm.room.member', CAROL, { membership: 'leave' });
    later.decide();
    assert.equal((await banning)?.content['reason'], 'was: leave');
  });

  it('does not hold up the room while it thinks about a join that another server hands in', async () => {
    await rig.setState(room.id, 'm.room.join_rules', '', { join_rule: 'public' });
    const eve = FAR.user('eve');
    const join = Branch.of(room).join(FAR, eve);
    const policy = thinksAboutMembers();
    const taking = rig.timeline.change(room.id, (turn, now) =>
      rig.timeline.appendSigned(turn, now, join, { relayedFrom: FAR.name }),
    );
    await policy.isAsked();
    await rig.say(room.id, 'quick');
    policy.decide();
    const [taken] = await taking;
    assert.ok(taken && isSigned(taken));
    assert.equal(room.membershipOf(eve), 'join');
    answer = refuses;
    const spam = Branch.of(room).join(FAR, FAR.user('spam'));
    await assert.rejects(
      rig.timeline.change(room.id, (turn, now) => rig.timeline.appendSigned(turn, now, spam)),
      { errcode: 'M_FORBIDDEN' },
    );
  });

  it('is asked about each of several events that belong together, and they follow each other', async () => {
    const users = ['one', 'two', 'three'].map((name) => FAR.user(name));
    const bans = users.map((userId) => memberDraft(ALICE, userId, { membership: 'ban' }));
    const events = await rig.timeline.change(room.id, (turn, now) => rig.timeline.append(turn, now, bans));
    assert.deepEqual(
      events.map((event) => [event.stateKey, isSigned(event)]),
      users.map((userId) => [userId, true]),
    );
    assert.deepEqual(events[2]!.pdu.prev_events, [events[1]!.eventId]);
    assert.equal(asked.length, 3);
    // One that is refused takes the others along.
    const before = room.recent.length;
    answer = (pdu) => (pdu.state_key === users[1] ? refuses() : recommends(pdu));
    const leaves = users.map((userId) => memberDraft(ALICE, userId, { membership: 'leave' }));
    await assert.rejects(rig.timeline.change(room.id, (turn, now) => rig.timeline.append(turn, now, leaves)));
    assert.equal(room.recent.length, before);
  });

  it('is not asked for ever by a decision that is another one every time', async () => {
    let times = 0;
    await assert.rejects(
      changeMember(rig.timeline, room.id, () => {
        times += 1;
        return memberDraft(ALICE, CAROL, { membership: 'invite', reason: `time ${times}` });
      }),
      { errcode: 'M_UNKNOWN', status: 503 },
    );
    assert.equal(asked.length, 10);
  });

  it('has what it signs written together with the request that sent it, so that a retry after a crash finds both', async () => {
    const sets: string[][] = [];
    rig.beforeCommit = (set) => {
      sets.push(set.mutations.map(([name]) => name));
      return undefined;
    };
    const transaction = { key: Buffer.alloc(32, 3), userId: ALICE, deviceId: 'PHONE', txnId: 'once' };
    const draft = { type: 'm.room.message', sender: ALICE, content: { body: 'once' } };
    const quick = await rig.timeline.send(room.id, draft, { transaction });
    // With a redaction the room's history is looked at, which another event may have moved on.
    const redaction = { type: 'm.room.redaction', sender: ALICE, content: {}, redacts: quick.eventId };
    const later = { ...transaction, key: Buffer.alloc(32, 4) };
    const redacted = await rig.timeline.send(room.id, redaction, { transaction: later });
    assert.equal(sets.length, 2);
    for (const set of sets) assert.ok(set.includes('events.insert') && set.includes('transactions.insert'));
    const stored = (key: Uint8Array) => rig.storage.read((tx) => tx.events.transaction(key));
    assert.equal((await stored(transaction.key))?.event_nid, quick.nid);
    assert.equal((await stored(later.key))?.event_nid, redacted.nid);
    assert.deepEqual(quick.transaction, { userId: ALICE, deviceId: 'PHONE', txnId: 'once' });
  });

  it('is not asked about state that is there already', async () => {
    const topic = await rig.setState(room.id, 'm.room.topic', '', { topic: 'policies' });
    const transaction = { key: Buffer.alloc(32, 5), userId: ALICE, deviceId: 'PHONE', txnId: 'again' };
    const draft = { type: 'm.room.topic', sender: ALICE, stateKey: '', content: { topic: 'policies' } };
    const same = await rig.timeline.send(room.id, draft, { transaction });
    assert.equal(same.eventId, topic.eventId);
    assert.equal(asked.length, 1);
    assert.equal((await rig.storage.read((tx) => tx.events.transaction(transaction.key)))?.event_nid, topic.nid);
  });

  it('can be got rid of without asking it, and has no say without a member', async () => {
    answer = refuses;
    await rig.setState(room.id, 'm.room.policy', '', {});
    await rig.say(room.id, 'free');
    await rig.setState(room.id, 'm.room.policy', '', CONTENT);
    await assert.rejects(rig.say(room.id, 'spam'));
    answer = recommends;
    await rig.setState(room.id, 'm.room.member', GUARD, { membership: 'leave' }, GUARD);
    answer = refuses;
    await rig.say(room.id, 'free again');
  });

  it('need not be asked about events of others that it has signed', async () => {
    const branch = Branch.of(room);
    const event = branch.make(FAR, DORA, { type: 'm.room.message', content: { body: 'signed' } });
    const pdu = wire(event);
    addSignature(pdu, POLICY.name, POLICY_KEY_ID, policySignature(event.pdu, room.rules, KEY));
    const [verdict] = await rig.receiver.receive(FAR.name, room.id, [pdu]);
    assert.equal(verdict?.error, undefined);
    assert.equal(asked.length, 0);
    assert.equal(room.recent.at(-1)?.eventId, event.eventId);
  });

  it('is asked about events of others that come without its signature, which is kept', async () => {
    const event = Branch.of(room).say(FAR, DORA, 'unsigned');
    await receive(event);
    assert.equal(asked.length, 1);
    assert.equal(room.recent.at(-1)?.eventId, event.eventId);
    assert.ok(isSigned(room.recent.at(-1)!));
  });

  it('has what it does not recommend soft-failed', async () => {
    answer = refuses;
    const event = Branch.of(room).say(FAR, DORA, 'spam');
    const [verdict] = await receive(event);
    assert.equal(verdict?.error, undefined);
    assert.equal(await kindOf(event), EventKind.softFailed);
    await receive(event);
    assert.equal(asked.length, 1);
  });

  it('is the second to be asked, after the gates here', async () => {
    const seen: unknown[] = [];
    rig.admission.register({
      name: 'test',
      judge({ entrance, origin, content }) {
        seen.push([entrance, origin]);
        return content['body'] === 'spam' ? { verdict: 'refuse', error: forbidden('spam') } : { verdict: 'allow' };
      },
    });
    const event = Branch.of(room).say(FAR, DORA, 'spam');
    await receive(event);
    assert.equal(await kindOf(event), EventKind.softFailed);
    assert.deepEqual(seen, [['federation', FAR.name]]);
    assert.equal(asked.length, 0);
    await rig.say(room.id, 'fine', BOB);
    assert.equal(asked.length, 1);
  });
});
