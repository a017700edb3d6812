import { strict as assert } from 'node:assert';
import { registerSession } from './support/cast.ts';
import { inLanes, killDuring } from './support/kill-during.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { PlainSession } from './support/plain-session.ts';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 1);
const KEYS = 100;
const MESSAGES = 200;
const ALGORITHM = 'signed_curve25519';

interface Claimed {
  one_time_keys: Record<string, Record<string, Record<string, unknown>>>;
}

describe('a homeserver that is killed while devices set up encryption', function () {
  this.timeout(120_000);
  let homeserver: Homeserver;
  let alice: PlainSession;
  let others: PlainSession[];

  before(async () => {
    homeserver = await launchHomeserver();
    const open = async (name: string) => new PlainSession(await registerSession(homeserver, name));
    alice = await open('alice');
    others = await Promise.all(['bob', 'carol', 'dave', 'erin'].map(open));
  });

  after(() => homeserver?.remove());

  for (let round = 1; round <= ROUNDS; round++) {
    it(`hands out no one-time key twice (round ${round})`, async () => {
      await uploadKeys(alice, round);
      const claims = Array.from({ length: KEYS }, (_, n) => others[n % others.length] as PlainSession);
      const given: string[] = [];
      await killDuring(homeserver, inLanes(claims, 20), 10 + ((round * 31) % 70), async (device) => {
        given.push(...(await claim(device, alice)));
      });
      await homeserver.start();

      for (let key = await claim(alice, alice); key.length > 0; key = await claim(alice, alice)) given.push(...key);
      assert.equal(new Set(given).size, given.length);
      assert.ok(given.every((id) => id.startsWith(`${ALGORITHM}:round${round}_`)));
      const counted = (await alice.sync({ limit: 1 })).device_one_time_keys_count;
      assert.equal(counted?.[ALGORITHM] ?? 0, 0);
    });

    it(`delivers every to-device message once, whether its sender got an answer or asked again (round ${round})`, async () => {
      const since = (await alice.sync({ limit: 1 })).next_batch;
      const numbers = Array.from({ length: MESSAGES }, (_, n) => n);
      const send = async (n: number) => {
        const device = others[n % others.length] as PlainSession;
        const { userId, deviceId } = alice.session;
        await device.ok('PUT', `/sendToDevice/org.example.note/round-${round}-${n}`, {
          messages: { [userId]: { [deviceId]: { round, n } } },
        });
      };
      await killDuring(homeserver, inLanes(numbers, 50), 20 + ((round * 53) % 130), send);
      await homeserver.start();
      await Promise.all(numbers.map(send));

      const delivered = await toDevice(alice, since);
      const times = (n: number) =>
        delivered.filter((content) => content['round'] === round && content['n'] === n).length;
      assert.deepEqual(
        numbers.filter((n) => times(n) === 0),
        [],
        'lost',
      );
      assert.deepEqual(
        numbers.filter((n) => times(n) > 1),
        [],
        'delivered twice',
      );
    });
  }
});

/** Uploads keys whose signature only a client would look at. */
async function uploadKeys(device: PlainSession, round: number): Promise<void> {
  const { userId, deviceId } = device.session;
  const signatures = { [userId]: { [`ed25519:${deviceId}`]: 'a signature' } };
  const key = (n: number) => [`${ALGORITHM}:round${round}_${n}`, { key: `key ${n} of round ${round}`, signatures }];
  await device.ok('POST', '/keys/upload', {
    one_time_keys: Object.fromEntries(Array.from({ length: KEYS }, (_, n) => key(n))),
  });
}

/** Claims one key of a device, and gives its id; nothing when there are none left. */
async function claim(device: PlainSession, owner: PlainSession): Promise<string[]> {
  const { userId, deviceId } = owner.session;
  const answer = await device.ok<Claimed>('POST', '/keys/claim', {
    one_time_keys: { [userId]: { [deviceId]: ALGORITHM } },
  });
  return Object.keys(answer.one_time_keys[userId]?.[deviceId] ?? {});
}

/** Every to-device message since a token, each batch confirmed by the next request. */
async function toDevice(device: PlainSession, since: string): Promise<Record<string, unknown>[]> {
  const contents: Record<string, unknown>[] = [];
  for (let token = since; ; ) {
    const answer = await device.sync({ since: token, limit: 1 });
    const events = answer.to_device?.events ?? [];
    if (events.length === 0) return contents;
    contents.push(...events.map((event) => event.content));
    token = answer.next_batch;
  }
}
