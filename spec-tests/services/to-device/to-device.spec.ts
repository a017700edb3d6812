import assert from 'node:assert/strict';
import { startTestServices, type TestServices } from '../../support/test-services.ts';

const ALICE = '@alice:test.example';
const BOB = '@bob:test.example';

describe('ToDevice', () => {
  let test: TestServices;
  let txn = 0;

  beforeEach(async () => {
    test = await startTestServices({ limits: { to_device_queue_per_device: 5 } });
    await test.addDevices(BOB, 'PHONE', 'LAPTOP');
  });
  afterEach(() => test.stop());

  const send = (body: string, device = 'PHONE', txnId = `txn${txn++}`) =>
    test.services.toDevice.send({
      sender: ALICE,
      deviceId: 'A',
      type: 'm.test',
      txnId,
      messages: { [BOB]: { [device]: { body } } },
    });
  const waiting = (device = 'PHONE', after = 0, limit = 100) =>
    test.services.toDevice.pending(BOB, device, after, test.services.storage.head, limit);
  const bodies = async (device = 'PHONE', after = 0, limit = 100) =>
    (await waiting(device, after, limit)).map(({ json }) => JSON.parse(json).content.body);

  it('keeps messages in order until they are confirmed', async () => {
    for (const body of ['1', '2', '3']) await send(body);
    assert.deepEqual(await bodies(), ['1', '2', '3']);
    assert.deepEqual(await bodies(), ['1', '2', '3']);
    const [first] = await waiting('PHONE', 0, 1);
    assert.deepEqual(await bodies('PHONE', first!.position), ['2', '3']);
    await test.services.toDevice.confirm(BOB, 'PHONE', first!.position);
    assert.deepEqual(await bodies(), ['2', '3']);
    assert.equal((await waiting())[0]!.json, '{"type":"m.test","sender":"@alice:test.example","content":{"body":"2"}}');
  });

  it('keeps them over a restart, and sends the ones that come after', async () => {
    await send('before');
    await test.restart();
    assert.deepEqual(await bodies(), ['before']);
    const [message] = await waiting();
    await send('after');
    assert.deepEqual(await bodies('PHONE', message!.position), ['after']);
  });

  it('sends a repeated transaction once, even at the same time', async () => {
    await Promise.all([send('once', 'PHONE', 'same'), send('once', 'PHONE', 'same'), send('once', 'PHONE', 'same')]);
    await send('once', 'PHONE', 'same');
    assert.deepEqual(await bodies(), ['once']);
  });

  it('reaches all devices of a user by *, and one of them by its own name instead', async () => {
    await test.services.toDevice.send({
      sender: ALICE,
      deviceId: 'A',
      type: 'm.test',
      txnId: 'star',
      messages: { [BOB]: { '*': { body: 'all' }, LAPTOP: { body: 'laptop' }, GONE: { body: 'nobody' } } },
    });
    assert.deepEqual(await bodies('PHONE'), ['all']);
    assert.deepEqual(await bodies('LAPTOP'), ['laptop']);
    assert.deepEqual(await bodies('GONE'), []);
  });

  it('drops the oldest messages beyond the length of a queue', async () => {
    for (let i = 1; i <= 8; i++) await send(String(i));
    assert.deepEqual(await bodies(), ['4', '5', '6', '7', '8']);
    assert.deepEqual(await bodies('LAPTOP'), []);
  });

  it('asks storage for nothing when nothing is new', async () => {
    await send('one');
    const [message] = await waiting();
    await test.services.toDevice.confirm(BOB, 'PHONE', message!.position);
    await test.close();
    assert.deepEqual(await test.services.toDevice.pending(BOB, 'PHONE', message!.position, 1_000, 100), []);
    await test.services.toDevice.confirm(BOB, 'PHONE', message!.position);
  });

  it('forgets what waited for a device that is deleted', async () => {
    await send('one');
    test.services.notices.publish('deviceDeleted', { userId: BOB, deviceId: 'PHONE' });
    await test.services.storage.drain();
    assert.deepEqual(await bodies(), []);
  });
});
