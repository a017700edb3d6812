import { strict as assert } from 'node:assert';
import { logIn, registerSession } from './support/cast.ts';
import { inLanes, killDuring } from './support/kill-during.ts';
import { type Homeserver, launchHomeserver } from './support/launch.ts';
import { PlainSession, type RoomEvent, roomPath, type SyncAnswer } from './support/plain-session.ts';

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 1);
/** As many are under way at any time, */
const CONCURRENT = 200;
/** of so many. */
const SENDS = 600;
const PEOPLE = 4;
const ROOMS = 5;

/** One message on its way: its words are unlike all others, and so is its transaction id on its device. */
interface Send {
  words: string;
  room: string;
  device: PlainSession;
  path: string;
  /** What the server answered before it was killed; absent where no answer came. */
  acknowledged?: string;
  /** What it answered to the same request afterwards. */
  retried?: string;
}

describe('a homeserver that is killed in the middle of 200 sends', function () {
  this.timeout(120_000);
  let homeserver: Homeserver;
  let devices: PlainSession[];
  let rooms: string[];

  before(async () => {
    homeserver = await launchHomeserver();
    const people = await Promise.all(
      Array.from({ length: PEOPLE }, (_, n) => registerSession(homeserver, `person${n}`)),
    );
    const seconds = await Promise.all(people.map(({ userId, password }) => logIn(homeserver, userId, password)));
    devices = [...people, ...seconds].map((session) => new PlainSession(session));
    rooms = await Promise.all(Array.from({ length: ROOMS }, () => openTo(devices.slice(0, PEOPLE))));
  });

  after(() => homeserver?.remove());

  for (let round = 1; round <= ROUNDS; round++) {
    it(`loses nothing that it acknowledged, and repeats nothing (round ${round})`, async () => {
      const [watcher, late] = devices as [PlainSession, PlainSession];
      const old = (await late.sync({ limit: 1 })).next_batch;
      const follower = new Follower(watcher, (await watcher.sync({ limit: 1 })).next_batch);
      const sends = prepare(round, devices, rooms);

      follower.follow();
      // Each round dies at another moment: after 20 to 419 answers.
      await killDuring(homeserver, inLanes(sends, CONCURRENT), 20 + ((round * 131) % 400), async (send) => {
        send.acknowledged = await put(send);
      });
      await follower.interrupted();
      await homeserver.start();

      const acknowledged = sends.filter((send) => send.acknowledged !== undefined);
      assert.ok(acknowledged.length >= 20, `${acknowledged.length} were acknowledged`);
      await Promise.all(acknowledged.map(isThere));
      await Promise.all(sends.map(retry));
      for (const send of acknowledged) assert.equal(send.retried, send.acknowledged, `${send.words} was sent twice`);

      const wanted = sorted(sends.map((send) => send.retried));
      const histories = await Promise.all(rooms.map((room) => watcher.history(room, undefined, old)));
      const stored = histories.flat().filter((event) => ofRound(event, round));
      assert.deepEqual(sorted(stored.map((event) => event.event_id)), wanted, 'the timelines');
      assert.equal(new Set(stored.map((event) => event.content['body'])).size, SENDS);

      const followed = await follower.rest(SENDS);
      assert.deepEqual(sorted(followed.filter((event) => ofRound(event, round)).map(idOf)), wanted, 'who followed');
      for (const limit of [SENDS, 10]) {
        const caughtUp = await catchUp(late, old, limit);
        assert.deepEqual(sorted(caughtUp.filter((event) => ofRound(event, round)).map(idOf)), wanted, `limit ${limit}`);
      }
    });
  }
});

/** A room in which all of these people are. */
async function openTo(people: PlainSession[]): Promise<string> {
  const [creator, ...guests] = people as [PlainSession, ...PlainSession[]];
  const { room_id: room } = await creator.ok<{ room_id: string }>('POST', '/createRoom', {
    preset: 'private_chat',
    invite: guests.map(({ session }) => session.userId),
  });
  await Promise.all(guests.map((guest) => guest.ok('POST', `${roomPath(room)}/join`, {})));
  return room;
}

function prepare(round: number, devices: PlainSession[], rooms: string[]): Send[] {
  return Array.from({ length: SENDS }, (_, n) => {
    const device = devices[n % devices.length] as PlainSession;
    const room = rooms[n % rooms.length] as string;
    const path = `${roomPath(room)}/send/m.room.message/round-${round}-send-${n}`;
    return { words: `round ${round}, message ${n}`, room, device, path };
  });
}

async function put({ device, path, words }: Send): Promise<string> {
  const { event_id: eventId } = await device.ok<{ event_id: string }>('PUT', path, { msgtype: 'm.text', body: words });
  return eventId;
}

async function retry(send: Send): Promise<void> {
  send.retried = await put(send);
}

async function isThere({ device, room, acknowledged, words }: Send): Promise<void> {
  const event = await device.ok<RoomEvent>('GET', `${roomPath(room)}/event/${encodeURIComponent(acknowledged ?? '')}`);
  assert.equal(event.content['body'], words);
}

/** One step of sync; where it says that the timeline is limited, what is missing is fetched as clients do. */
async function newEvents(session: PlainSession, since: string, answer: SyncAnswer): Promise<RoomEvent[]> {
  const events: RoomEvent[] = [];
  for (const [room, { timeline }] of Object.entries(answer.rooms?.join ?? {})) {
    if (timeline.limited) events.push(...(await session.history(room, timeline.prev_batch, since)));
    events.push(...timeline.events);
  }
  return events;
}

async function catchUp(session: PlainSession, since: string, limit: number): Promise<RoomEvent[]> {
  const answer = await session.sync({ since, limit });
  const events = await newEvents(session, since, answer);
  assert.deepEqual((await session.sync({ since: answer.next_batch, limit })).rooms?.join ?? {}, {});
  return events;
}

/** Syncs all the time, as a client does, until the connection breaks, and goes on from the token that it has then. */
class Follower {
  readonly #events: RoomEvent[] = [];
  #ended: Promise<unknown> | undefined;

  constructor(
    private readonly session: PlainSession,
    private since: string,
  ) {}

  follow(): void {
    const loop = async () => {
      for (;;) await this.#step(30_000);
    };
    this.#ended = loop().catch((error: unknown) => error);
  }

  /** Until the loop has noticed that the server is gone. */
  async interrupted(): Promise<void> {
    const error = await this.#ended;
    if (!(error instanceof TypeError)) throw error;
  }

  /** What there is after the interruption, together with all before it. */
  async rest(atLeast: number): Promise<RoomEvent[]> {
    for (;;) {
      const before = this.#events.length;
      await this.#step(0);
      if (this.#events.length === before || this.#events.length > 2 * atLeast) return this.#events;
    }
  }

  async #step(timeout: number): Promise<void> {
    const answer = await this.session.sync({ since: this.since, timeout, limit: 10 });
    const events = await newEvents(this.session, this.since, answer);
    this.since = answer.next_batch;
    this.#events.push(...events);
  }
}

function ofRound(event: RoomEvent, round: number): boolean {
  const body = event.content['body'];
  return typeof body === 'string' && body.startsWith(`round ${round}, `);
}

function idOf(event: RoomEvent): string {
  return event.event_id;
}

function sorted(ids: (string | undefined)[]): (string | undefined)[] {
  return [...ids].sort();
}
