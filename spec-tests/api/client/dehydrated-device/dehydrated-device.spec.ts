import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { signedDeviceKeys } from '../../../support/device-key-maker.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const PATH = '/unstable/org.matrix.msc3814.v1/dehydrated_device';

describe('Dehydrated devices', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let count = 0;

  before(async () => {
    server = await startTestHomeserver({ limits: { sync_to_device_max: 2, account_data_size: '1KB' } });
  });
  after(() => server.stop());
  beforeEach(async () => {
    count += 1;
    alice = await server.register(`alice${count}`);
    bob = await server.register(`bob${count}`);
  });

  const device = (deviceId: string, more: object = {}) => ({
    device_id: deviceId,
    device_data: { algorithm: 'org.matrix.msc3814.v2', secret: 'x' },
    initial_device_display_name: 'Away',
    device_keys: signedDeviceKeys({ userId: alice.userId, deviceId }),
    fallback_keys: { 'signed_curve25519:AAA': { key: 'abc', fallback: true, signatures: {} } },
    ...more,
  });
  const put = async (deviceId: string, more: object = {}) => {
    const { status, body } = await alice.ask('PUT', PATH, device(deviceId, more));
    return [status, body.errcode ?? body.device_id];
  };
  const get = async (user = alice) => {
    const { status, body } = await user.ask('GET', PATH);
    return [status, body.errcode ?? body.device_id];
  };
  let txn = 0;
  const tell = (deviceId: string, body: string) =>
    bob.ask('PUT', `/v3/sendToDevice/m.test/${++txn}`, { messages: { [alice.userId]: { [deviceId]: { body } } } });
  const bodies = (answer: { body: { events: { content: { body: string } }[] } }) =>
    answer.body.events.map(({ content }) => content.body);

  it('are kept, seen by others, and given back', async () => {
    deepStrictEqual(await get(), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await put('AWAY'), [200, 'AWAY']);
    const { body } = await alice.ask('GET', PATH);
    deepStrictEqual(body, { device_id: 'AWAY', device_data: device('AWAY').device_data });
    const keys = await bob.ask('POST', '/v3/keys/query', { device_keys: { [alice.userId]: [] } });
    strictEqual(keys.body.device_keys[alice.userId].AWAY.device_id, 'AWAY');
    const claim = { one_time_keys: { [alice.userId]: { AWAY: 'signed_curve25519' } } };
    const claimed = await bob.ask('POST', '/v3/keys/claim', claim);
    strictEqual(claimed.body.one_time_keys[alice.userId].AWAY['signed_curve25519:AAA'].key, 'abc');
    deepStrictEqual(await get(bob), [404, 'M_NOT_FOUND']);
    await server.restart();
    deepStrictEqual(await get(), [200, 'AWAY']);
  });

  it('keep what is sent to them until they are deleted', async () => {
    await put('AWAY');
    for (const text of ['one', 'two', 'three']) await tell('AWAY', text);
    const first = await alice.ask('GET', `${PATH}/AWAY/events`);
    deepStrictEqual(bodies(first), ['one', 'two']);
    const second = await alice.ask('POST', `${PATH}/AWAY/events`, { next_batch: first.body.next_batch });
    deepStrictEqual(bodies(second), ['three']);
    const third = await alice.ask('GET', `${PATH}/AWAY/events?next_batch=${second.body.next_batch}`);
    deepStrictEqual([bodies(third), third.body.next_batch], [[], second.body.next_batch]);
    deepStrictEqual(bodies(await alice.ask('POST', `${PATH}/AWAY/events`, {})), ['one', 'two']);
    const foreign = await alice.ask('GET', `${PATH}/AWAY/events?next_batch=x`);
    deepStrictEqual([foreign.status, foreign.body.errcode], [400, 'M_INVALID_PARAM']);
    const other = await alice.ask('GET', `${PATH}/${alice.deviceId}/events`);
    deepStrictEqual([other.status, other.body.errcode], [403, 'M_FORBIDDEN']);
  });

  it('are replaced by the next, under the same id too, and deleted', async () => {
    await put('ONE');
    await tell('ONE', 'lost');
    deepStrictEqual(await put('TWO'), [200, 'TWO']);
    const ids = async () =>
      (await alice.ask('GET', '/v3/devices')).body.devices
        .map((one: { device_id: string }) => one.device_id)
        .toSorted();
    deepStrictEqual(await ids(), ['TWO', alice.deviceId].toSorted());
    await tell('TWO', 'gone');
    deepStrictEqual(await put('TWO'), [200, 'TWO']);
    deepStrictEqual(bodies(await alice.ask('GET', `${PATH}/TWO/events`)), []);
    const deleted = await alice.ask('DELETE', PATH);
    deepStrictEqual([deleted.status, deleted.body], [200, { device_id: 'TWO' }]);
    deepStrictEqual([await get(), await ids()], [[404, 'M_NOT_FOUND'], [alice.deviceId]]);
    strictEqual((await alice.ask('DELETE', PATH)).status, 404);
  });

  it('are refused with the id of a device in use, with keys of others, or if they are too large', async () => {
    deepStrictEqual(await put(alice.deviceId), [400, 'M_INVALID_PARAM']);
    const foreign = { device_keys: signedDeviceKeys({ userId: bob.userId, deviceId: 'AWAY' }) };
    strictEqual((await put('AWAY', foreign))[0], 400);
    deepStrictEqual(await get(), [404, 'M_NOT_FOUND']);
    deepStrictEqual(await put('AWAY', { device_data: { secret: 'x'.repeat(1_100) } }), [413, 'M_TOO_LARGE']);
    deepStrictEqual(await put('AWAY', { device_keys: undefined }), [400, 'M_MISSING_PARAM']);
  });
});
