import { strict as assert } from 'node:assert';
import { AuthType, HttpApiEvent, SyncState } from 'matrix-js-sdk';
import { Cast, logIn, registerSession } from './support/cast.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';

describe('registering and logging in', function () {
  this.timeout(60_000);
  let homeserver: Homeserver;
  let cast: Cast;

  before(async () => {
    homeserver = await launchHomeserver();
    cast = new Cast(homeserver);
  });

  after(async () => {
    cast?.stop();
    await homeserver?.remove();
  });

  it('gives a new user a device that syncs at once', async () => {
    const alice = await cast.register('alice');
    const { user_id: userId, device_id: deviceId } = await alice.client.whoami();
    assert.equal(userId, `@alice:${homeserver.serverName}`);
    assert.equal(deviceId, alice.session.deviceId);
    assert.deepEqual(alice.client.getRooms(), []);
  });

  it('refuses a name that is taken', async () => {
    await registerSession(homeserver, 'nadia');
    await assert.rejects(registerSession(homeserver, 'nadia'), { httpStatus: 400, errcode: 'M_USER_IN_USE' });
  });

  it('opens one more device with the password, and none without it', async () => {
    const bob = await cast.register('bob');
    const laptop = await cast.logInAgain(bob);
    assert.notEqual(laptop.session.deviceId, bob.session.deviceId);
    const { devices } = await bob.client.getDevices();
    assert.deepEqual(
      new Set(devices.map((device) => device.device_id)),
      new Set([bob.session.deviceId, laptop.session.deviceId]),
    );
    await assert.rejects(logIn(homeserver, bob.userId, 'a guess'), { httpStatus: 403, errcode: 'M_FORBIDDEN' });
    await assert.rejects(logIn(homeserver, '@nobody:localhost', 'a guess'), {
      httpStatus: 403,
      errcode: 'M_FORBIDDEN',
    });
  });

  it('takes the name alone for the whole user id', async () => {
    const carol = await registerSession(homeserver, 'carol');
    assert.equal((await logIn(homeserver, 'carol', carol.password)).userId, carol.userId);
  });

  it('ends one device and leaves the others alone', async () => {
    const dave = await cast.register('dave');
    const phone = await cast.logInAgain(dave);
    const turnedAway = new Promise((resolve) => phone.client.once(HttpApiEvent.SessionLoggedOut, resolve));
    await dave.client.deleteMultipleDevices([phone.session.deviceId]).then(
      () => assert.fail('a device was deleted without a password'),
      (error) =>
        dave.client.deleteMultipleDevices([phone.session.deviceId], {
          type: AuthType.Password,
          identifier: { type: 'm.id.user', user: dave.userId },
          password: dave.session.password,
          session: error.data.session,
        }),
    );
    await turnedAway;
    await assert.rejects(phone.client.whoami(), { httpStatus: 401, errcode: 'M_UNKNOWN_TOKEN' });
    assert.equal((await dave.client.whoami()).device_id, dave.session.deviceId);
  });

  it('shows a new display name to everybody who shares a room', async () => {
    const [erin, frank] = await Promise.all([cast.register('erin'), cast.register('frank')]);
    const { room_id: room } = await erin.client.createRoom({ invite: [frank.userId] });
    await frank.until('is invited', () => frank.client.getRoom(room));
    await frank.client.joinRoom(room);
    await frank.client.setDisplayName('Frank the second');
    await erin.until(
      'sees the name',
      () => erin.client.getRoom(room)?.getMember(frank.userId)?.name === 'Frank the second',
    );
  });

  it('goes on where it was after the server was restarted', async () => {
    const grace = await cast.register('grace');
    await homeserver.restart();
    await grace.reconnect();
    assert.equal(grace.client.getSyncState(), SyncState.Syncing);
    assert.equal((await grace.client.whoami()).user_id, grace.userId);
  });
});
