import assert from 'node:assert/strict';
import { forbidden, limitExceeded } from '../../../src/protocol/errors.ts';
import { POLICY_KEY_ID } from '../../../src/protocol/signing/policy-signature.ts';
import { signingKeyFromSeed } from '../../../src/protocol/signing/signing-key.ts';
import { policySignature } from '../../../src/services/admission/policy-key.ts';
import { PolicyServer } from '../../../src/services/policy-server/policy-server.ts';
import { EventChecks } from '../../../src/services/timeline/receive-pdu/check-signatures.ts';
import type { Room } from '../../../src/services/timeline/room.ts';
import { Branch, keysOf, RemoteServer, wire } from '../../support/remote-server.ts';
import { ALICE, TestTimeline } from '../timeline/support/test-timeline.ts';

const FAR = new RemoteServer('far.example', 1);
const DORA = FAR.user('dora');
const HERE = 'test.example';
const KEY = signingKeyFromSeed(Buffer.alloc(32, 9), 'policy_server');

describe('PolicyServer', () => {
  let rig: TestTimeline;
  let room: Room;
  let policyServer: PolicyServer;

  const serverWith = (key: typeof KEY | undefined) =>
    new PolicyServer({
      ...{ rooms: rig.rooms, admission: rig.admission, key, serverName: HERE },
      checks: new EventChecks(keysOf(FAR)),
      limits: { answers: 100 },
    });

  beforeEach(async () => {
    rig = await TestTimeline.start();
    rig.keys = keysOf(FAR);
    room = await rig.room();
    policyServer = serverWith(KEY);
    await rig.setState(room.id, 'm.room.member', DORA, { membership: 'join' }, DORA);
    await name(HERE);
  });
  afterEach(() => rig.stop());

  /** The timeline of this test has no policy key: while the room names this server, users here send nothing there. */
  const name = (via: string) =>
    rig.setState(room.id, 'm.room.policy', '', { via, public_keys: { ed25519: KEY.publicKey } });
  const say = (body: string) => Branch.of(room).say(FAR, DORA, body);
  const sign = (pdu: object, origin = FAR.name) => policyServer.sign(origin, pdu as never);

  it('signs events of rooms that have named it', async () => {
    const event = say('hello');
    assert.deepEqual(await sign(wire(event)), {
      [HERE]: { [POLICY_KEY_ID]: policySignature(event.pdu, room.rules, KEY) },
    });
  });

  it('is known by a key that is not the one it sends with', () => {
    assert.equal(policyServer.publicKey, KEY.publicKey);
  });

  it('refuses what the gates refuse, with a status that is not about the server that asks', async () => {
    rig.admission.register({
      name: 'test',
      judge({ content, entrance, sender, origin }) {
        assert.deepEqual([entrance, sender, origin], ['sign', DORA, FAR.name]);
        if (content['body'] === 'spam') return { verdict: 'refuse', error: forbidden('spam') };
        if (content['body'] === 'fast') return { verdict: 'refuse', error: limitExceeded(3_000) };
        return { verdict: 'allow' };
      },
    });
    await sign(wire(say('hello')));
    await assert.rejects(sign(wire(say('spam'))), { errcode: 'M_FORBIDDEN', status: 400, message: 'spam' });
    await assert.rejects(sign(wire(say('fast'))), {
      errcode: 'M_FORBIDDEN',
      status: 400,
      extra: { retry_after_ms: 3_000 },
    });
  });

  it('judges an event once, whoever asks', async () => {
    let judged = 0;
    rig.admission.register({
      name: 'test',
      judge() {
        judged += 1;
        return { verdict: 'refuse', error: forbidden() };
      },
    });
    const event = say('spam');
    await assert.rejects(sign(wire(event)));
    await assert.rejects(sign(wire(event), 'third.example'));
    assert.equal(judged, 1);
  });

  it('knows no rooms that have not named it', async () => {
    await name('elsewhere.example');
    await assert.rejects(sign(wire(say('hello'))), { errcode: 'M_NOT_FOUND' });
    await assert.rejects(sign({ ...wire(say('hello')), room_id: '!nowhere' }), { errcode: 'M_NOT_FOUND' });
    await assert.rejects(sign({}), { errcode: 'M_NOT_FOUND' });
  });

  it('listens to nobody whom the room shuts out', async () => {
    await name('elsewhere.example');
    await rig.setState(room.id, 'm.room.server_acl', '', { allow: ['*'], deny: [FAR.name] });
    await name(HERE);
    await assert.rejects(sign(wire(say('hello'))), { errcode: 'M_FORBIDDEN', status: 403 });
  });

  it('refuses what is malformed, signed by nobody, or not as it was signed', async () => {
    const event = wire(say('hello'));
    const wrong: [string, object][] = [
      ['without a type', { ...event, type: undefined }],
      ['without signatures', { ...event, signatures: {} }],
      ['of somebody else', { ...event, sender: ALICE }],
      ['with other content', { ...event, content: { body: 'other' } }],
    ];
    for (const [what, pdu] of wrong) await assert.rejects(sign(pdu), { errcode: 'M_BAD_JSON' }, what);
    const naming = Branch.of(room).make(FAR, DORA, { type: 'm.room.policy', stateKey: '', content: {} });
    await assert.rejects(sign(wire(naming)), { errcode: 'M_BAD_JSON' });
  });

  it('can be none', async () => {
    policyServer = serverWith(undefined);
    assert.equal(policyServer.publicKey, undefined);
    await assert.rejects(sign(wire(say('hello'))), { errcode: 'M_UNRECOGNIZED', status: 404 });
  });
});
