import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../../support/test-homeserver.ts';

const enc = encodeURIComponent;

describe('GET /versions', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let flags: Record<string, boolean>;
  let room: string;

  before(async () => {
    server = await startTestHomeserver();
    [alice, bob] = [await server.register('alice'), await server.register('bob')];
    flags = (await server.ask('GET', '/versions')).body.unstable_features;
    const made = (await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' })).body.room_id;
    room = `rooms/${enc(made)}`;
    await bob.ask('POST', `/v3/${room}/join`, {});
  });
  after(() => server.stop());

  it('names every version that clients look for', async () => {
    const { versions } = (await server.ask('GET', '/versions')).body;
    for (let minor = 1; minor <= 19; minor++) ok(versions.includes(`v1.${minor}`));
    ok(versions.includes('r0.6.1'));
  });

  // Flags that promise names other than those of the specification.
  const promised: [flag: string, method: string, path: (room: string) => string, body?: (userId: string) => object][] =
    [
      [
        'org.matrix.msc3030',
        'GET',
        (at) => `/unstable/org.matrix.msc3030/${at}/timestamp_to_event?ts=9999999999999&dir=b`,
      ],
      [
        'uk.half-shot.msc2666.query_mutual_rooms',
        'GET',
        () => `/unstable/uk.half-shot.msc2666/user/mutual_rooms?user_id=${enc('@bob:test.example')}`,
      ],
      ['uk.tcpip.msc4133', 'GET', () => `/unstable/uk.tcpip.msc4133/profile/${enc('@bob:test.example')}`],
      [
        'us.cloke.msc4175',
        'PUT',
        () => `/unstable/uk.tcpip.msc4133/profile/${enc('@alice:test.example')}/us.cloke.msc4175.tz`,
        () => ({ 'us.cloke.msc4175.tz': 'Europe/Berlin' }),
      ],
      ['org.matrix.msc4140', 'GET', () => '/unstable/org.matrix.msc4140/delayed_events'],
      ['org.matrix.msc3856.stable', 'GET', (at) => `/v1/${at}/threads`],
      [
        'org.matrix.msc4155',
        'PUT',
        () => `/v3/user/${enc('@alice:test.example')}/account_data/org.matrix.msc4155.invite_permission_config`,
        () => ({}),
      ],
    ];
  for (const [flag, method, path, body] of promised) {
    it(`promises with ${flag} what it serves`, async () => {
      equal(flags[flag], true);
      equal((await alice.ask(method, path(room), body?.(alice.userId))).status, 200);
    });
  }

  it('promises with org.matrix.msc3981 relations of relations, by either name', async () => {
    equal(flags['org.matrix.msc3981'], true);
    const send = async (txnId: string, content: object) =>
      (await alice.ask('PUT', `/v3/${room}/send/org.example/${txnId}`, content)).body.event_id;
    const related = (event_id: string) => ({ 'm.relates_to': { rel_type: 'm.reference', event_id } });
    const target = await send('1', {});
    const ids = [await send('2', related(target))];
    ids.unshift(await send('3', related(ids[0]!)));
    for (const name of ['recurse', 'org.matrix.msc3981.recurse']) {
      const { chunk } = (await alice.ask('GET', `/v1/${room}/relations/${target}?${name}=true`)).body;
      deepStrictEqual(
        chunk.map((event: { event_id: string }) => event.event_id),
        ids,
      );
    }
  });

  it('promises with org.matrix.msc4222 state after the timeline, by either name', async () => {
    equal(flags['org.matrix.msc4222'], true);
    for (const prefix of ['', 'org.matrix.msc4222.']) {
      const { join } = (await alice.ask('GET', `/v3/sync?${prefix}use_state_after=true`)).body.rooms;
      ok(Object.values<object>(join).every((told) => `${prefix}state_after` in told && !('state' in told)));
    }
  });

  it('promises with org.matrix.msc3881 pushers that can be switched off', async () => {
    equal(flags['org.matrix.msc3881'], true);
    const pusher = {
      ...{ kind: 'http', app_id: 'a', pushkey: 'k', app_display_name: 'a', device_display_name: 'd', lang: 'en' },
      data: { url: 'https://push.example.org/_matrix/push/v1/notify' },
      'org.matrix.msc3881.enabled': false,
    };
    equal((await alice.ask('POST', '/v3/pushers/set', pusher)).status, 200);
    const { pushers } = (await alice.ask('GET', '/v3/pushers')).body;
    deepStrictEqual(
      pushers.map((told: Record<string, unknown>) => told['org.matrix.msc3881.enabled']),
      [false],
    );
  });
});
