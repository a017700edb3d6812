import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Edu } from '../../../src/protocol/events/edu.ts';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

const ALICE = '@alice:test.example';
const ZOE = '@zoe:far.example';

describe('What other servers are told of keys', () => {
  let test: TestServices;
  let roomId: string;

  beforeEach(async () => {
    test = await startTestServices();
    const { services } = test;
    roomId = await services.roomCreation.create({ userId: ALICE, isAdmin: false }, { preset: 'public_chat' });
  });
  afterEach(() => test.stop());

  const zoe = (membership: string) =>
    test.services.timeline.send(roomId, {
      type: 'm.room.member',
      sender: ZOE,
      stateKey: ZOE,
      content: { membership },
    });
  const waiting = async (server = 'far.example') => {
    const rows = await test.services.storage.read((tx) => tx.outbox.edus(server, 100));
    return test.services.keyUpdates.edusOf(rows);
  };
  const contents = (edus: readonly (Edu | undefined)[]) => edus.map((edu) => edu?.content);

  it('reaches the servers that share a room at the time, each change on top of the one before', async () => {
    const { devices } = test.services;
    await devices.create(ALICE, 'PHONE', 'secret name');
    deepStrictEqual(await waiting(), []);
    await zoe('join');
    await devices.rename(ALICE, 'PHONE', 'other name');
    await devices.create(ALICE, 'TABLET', undefined);
    await devices.delete(ALICE, ['PHONE']);
    const edus = contents(await waiting());
    strictEqual(edus.length, 3);
    ok(edus.every((content) => content?.['user_id'] === ALICE && content['device_display_name'] === undefined));
    deepStrictEqual(
      edus.map((content) => content?.['device_id']),
      ['PHONE', 'TABLET', 'PHONE'],
    );
    deepStrictEqual(
      edus.map((content) => content?.['deleted']),
      [true, undefined, true],
    );
    for (const [i, content] of edus.entries()) {
      if (i > 0) deepStrictEqual(content?.['prev_id'], [edus[i - 1]?.['stream_id']]);
    }
    strictEqual(await test.services.storage.read((tx) => tx.deviceLists.streamId(ALICE)), edus.at(-1)?.['stream_id']);
    await zoe('leave');
    await devices.rename(ALICE, 'TABLET', 'a name');
    strictEqual((await waiting()).length, 3);
    deepStrictEqual(await waiting('test.example'), []);
  });

  it('keeps messages to devices for each server in one piece', async () => {
    const { toDevice, storage } = test.services;
    const messages = { [ZOE]: { '*': { n: 1 } }, '@yves:far.example': { A: { n: 2 } }, '@x:near.example': { B: {} } };
    const send = { sender: ALICE, deviceId: 'PHONE', type: 'm.test', txnId: '1', messages };
    await toDevice.send(send);
    await toDevice.send(send);
    const rows = await storage.read((tx) => tx.outbox.edus('far.example', 10));
    strictEqual(rows.length, 1);
    const content = JSON.parse(rows[0]!.json!);
    ok(content.message_id.length <= 32);
    deepStrictEqual(
      [content.sender, content.type, content.messages],
      [ALICE, 'm.test', { [ZOE]: { '*': { n: 1 } }, '@yves:far.example': { A: { n: 2 } } }],
    );
    strictEqual((await storage.read((tx) => tx.outbox.edus('near.example', 10))).length, 1);
  });
});
