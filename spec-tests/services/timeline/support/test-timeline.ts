import type { FederationClient } from '../../../../src/federation/signed-client/federation-client.ts';
import { RemoteError } from '../../../../src/federation/signed-client/remote-error.ts';
import type { Pdu } from '../../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { roomVersion } from '../../../../src/protocol/room-versions/index.ts';
import { Admission } from '../../../../src/services/admission/admission.ts';
import { PolicyServers } from '../../../../src/services/admission/policy-servers.ts';
import { NoticeBoard } from '../../../../src/services/events.ts';
import { EventCache } from '../../../../src/services/timeline/event-cache.ts';
import { RoomImport } from '../../../../src/services/timeline/import-room.ts';
import { LayerCache } from '../../../../src/services/timeline/layer-cache.ts';
import type { NotificationPlan } from '../../../../src/services/timeline/notification-plan.ts';
import { FullStates } from '../../../../src/services/timeline/partial-state/full-states.ts';
import { StateJobs } from '../../../../src/services/timeline/partial-state/state-jobs.ts';
import { Backfill } from '../../../../src/services/timeline/receive-pdu/backfill.ts';
import { EventChecks, type KeysOfServers } from '../../../../src/services/timeline/receive-pdu/check-signatures.ts';
import { MissingEvents } from '../../../../src/services/timeline/receive-pdu/fetch-missing.ts';
import { PduReceiver } from '../../../../src/services/timeline/receive-pdu/pdu-receiver.ts';
import { RemoteRooms } from '../../../../src/services/timeline/receive-pdu/remote-room.ts';
import type { ResolutionRequest } from '../../../../src/services/timeline/resolution/large-resolutions.ts';
import { resolveStored } from '../../../../src/services/timeline/resolution/stored-resolutions.ts';
import type { Room } from '../../../../src/services/timeline/room.ts';
import { RoomCache } from '../../../../src/services/timeline/room-cache.ts';
import { RoomQueue } from '../../../../src/services/timeline/room-queue.ts';
import type { StoredEvent } from '../../../../src/services/timeline/stored-event.ts';
import { type EventDraft, Timeline } from '../../../../src/services/timeline/timeline.ts';
import type { Storage } from '../../../../src/storage/contract/storage.ts';
import type { Committed, WriteSet } from '../../../../src/storage/contract/write-set.ts';
import { Loggers } from '../../../../src/util/logger.ts';
import { migratedEngine, type TestEngine } from '../../../support/engines.ts';
import { keysOf, RemoteServer } from '../../../support/remote-server.ts';
import { TestClock } from '../../../support/test-clock.ts';
import { openTestStorage } from '../../../support/test-storage.ts';

export const ALICE = '@alice:test.example';
export const BOB = '@bob:test.example';
export const CAROL = '@carol:test.example';

/** This server, as others see it. */
export const HERE = new RemoteServer('test.example', 7, 'a_test');

const SILENT = new Loggers({ level: 'error', format: 'json', write: () => undefined }).named('test');

/** After so many milliseconds the state of a room that nobody tells is asked for again. */
export const STATE_RETRY_MS = 1_000_000;

export interface TimelineLimits {
  /** {@link HERE} if absent. */
  readonly server?: RemoteServer;
  readonly roomBytes?: number;
  readonly recentEvents?: number;
  readonly roomQueue?: number;
  readonly eventBytes?: number;
  readonly maxPending?: number;
  /** Events that a conflict may take a look at before it counts as large. */
  readonly inlineEvents?: number;
}

const message = (body: string, more: JsonObject = {}): JsonObject => ({ msgtype: 'm.text', body, ...more });

/** Rooms over a real storage, with nothing above them. Messages notify; those that begin with `silent` do not. */
export class TestTimeline {
  readonly clock = new TestClock();
  readonly notices = new NoticeBoard();
  readonly admission = new Admission(this.clock);
  readonly events: EventCache;
  readonly rooms: RoomCache;
  readonly layers: LayerCache;
  readonly queue: RoomQueue;
  readonly timeline: Timeline;
  /** Sees every write set before it is committed; may hold it back, or change it. */
  beforeCommit: (set: WriteSet) => Promise<void> | undefined = () => undefined;

  /** How many conflicts were large. */
  largeResolutions = 0;

  readonly remote: RemoteRooms;
  readonly receiver: PduReceiver;
  readonly import: RoomImport;
  readonly backfill: Backfill;
  /** The keys of other servers. */
  keys: KeysOfServers = keysOf();
  /** What other servers answer; without a network there are none. */
  network: Pick<FederationClient, 'ask'> = {
    ask: ({ destination }) => Promise.reject(new RemoteError(destination, 404)),
  };

  /** What fetches the state of rooms that were joined without it; the test starts and stops it. */
  readonly stateJobs: StateJobs;

  private constructor(
    readonly database: TestEngine,
    readonly storage: Storage,
    readonly limits: TimelineLimits,
  ) {
    const watched: Storage = Object.create(storage, { commit: { value: (set: WriteSet) => this.commit(set) } });
    this.events = new EventCache(storage, { bytes: limits.eventBytes ?? 10_000_000 });
    this.rooms = new RoomCache(storage, this.events, {
      bytes: limits.roomBytes ?? 10_000_000,
      recentEvents: limits.recentEvents ?? 20,
    });
    this.layers = new LayerCache(storage, { entries: 100_000 });
    this.queue = new RoomQueue(limits.roomQueue ?? 1_000);
    const { name: serverName, key } = limits.server ?? HERE;
    const asked: Pick<FederationClient, 'ask'> = { ask: (request) => this.network.ask(request) };
    const parts = {
      storage: watched,
      rooms: this.rooms,
      events: this.events,
      layers: this.layers,
      resolutions: {
        inlineEvents: limits.inlineEvents ?? 500,
        // Cloned, as between threads.
        resolve: async (request: ResolutionRequest) => {
          this.largeResolutions += 1;
          return structuredClone(await resolveStored((fn) => storage.read(fn), structuredClone(request)));
        },
      },
      queue: this.queue,
      notices: this.notices,
      signer: { serverName, key },
      clock: this.clock,
      admission: this.admission,
      policies: new PolicyServers({
        ...{ client: asked, admission: this.admission, serverName, key: undefined },
        limits: { timeout: 1_000, refusals: 100 },
      }),
      notifications: {
        plan: (_: Room, pdu: Pdu): NotificationPlan => ({ notify: notifies(pdu.type, pdu.content), users: [] }),
      },
      isLocal: (userId: string) => userId.endsWith(`:${serverName}`),
    };
    this.timeline = new Timeline(parts);
    const checks = new EventChecks({ lookup: (wanted) => this.keys.lookup(wanted) });
    this.remote = new RemoteRooms(asked, checks, {
      timeout: 1_000,
      eventBytes: 10_000_000,
      stateBytes: 100_000_000,
      events: 20,
      stateEvents: 100_000,
    });
    const missing = new MissingEvents({
      ...parts,
      remote: this.remote,
      limits: { singleEvents: 10, statesPerEvent: 5 },
    });
    this.receiver = new PduReceiver({ ...parts, checks, missing, serverName });
    this.import = new RoomImport({ ...parts, checks });
    this.stateJobs = new StateJobs({
      ...{ ...parts, remote: this.remote, timeline: this.timeline, serverName, logger: SILENT },
      limits: { singleEvents: 10, stateTimeout: 1_000 },
      settings: { atOnce: 1, servers: 10, rounds: 100, retryMin: STATE_RETRY_MS, retryMax: STATE_RETRY_MS },
    });
    this.backfill = new Backfill({
      ...parts,
      ...{ remote: this.remote, missing, serverName },
      fullStates: new FullStates({ ...parts, settings: { fullStateWait: 1_000 } }),
      limits: { events: 20, servers: 3, states: 5 },
    });
  }

  static async start(limits: TimelineLimits = {}): Promise<TestTimeline> {
    const database = await migratedEngine();
    return TestTimeline.open(database, limits);
  }

  private static async open(database: TestEngine, limits: TimelineLimits): Promise<TestTimeline> {
    const { maxPending } = limits;
    const storage = await openTestStorage(database, maxPending === undefined ? {} : { maxPending });
    return new TestTimeline(database, storage, limits);
  }

  /** The same data, with nothing in memory. */
  async restarted(): Promise<TestTimeline> {
    await this.storage.close();
    return TestTimeline.open(this.database, this.limits);
  }

  async stop(): Promise<void> {
    await this.storage.close();
    await this.database.drop();
  }

  /** A room that Alice has made and Bob has joined. */
  async room(version = '12', more: readonly EventDraft[] = []): Promise<Room> {
    const state = (type: string, content: JsonObject, stateKey = '', sender = ALICE) => ({
      type,
      content,
      stateKey,
      sender,
    });
    const users: JsonObject = version === '12' ? {} : { [ALICE]: 100 };
    return this.timeline.createRoom({
      rules: roomVersion(version)!,
      creator: ALICE,
      content: { room_version: version, ...(roomVersion(version)?.implicitRoomCreator ? {} : { creator: ALICE }) },
      isPublic: false,
      chooseRoomId: () => '!chosen:test.example',
      following: () => [
        state('m.room.member', { membership: 'join' }, ALICE),
        state('m.room.power_levels', { users, users_default: 0, events_default: 0, state_default: 50, redact: 50 }),
        state('m.room.join_rules', { join_rule: 'public' }),
        state('m.room.member', { membership: 'join' }, BOB, BOB),
        ...more,
      ],
    });
  }

  say(roomId: string, body: string, sender = ALICE, more: JsonObject = {}): Promise<StoredEvent> {
    return this.timeline.send(roomId, { type: 'm.room.message', sender, content: message(body, more) });
  }

  setState(roomId: string, type: string, stateKey: string, content: JsonObject, sender = ALICE): Promise<StoredEvent> {
    return this.timeline.send(roomId, { type, sender, stateKey, content });
  }

  private async commit(set: WriteSet): Promise<Committed> {
    const hold = this.beforeCommit(set);
    if (hold) await hold;
    return this.storage.commit(set);
  }
}

function notifies(type: string, content: JsonObject): 0 | 1 {
  return type === 'm.room.message' && !String(content['body']).startsWith('silent') ? 1 : 0;
}

/** Makes a set conflict with what is there: the database refuses it. */
export function spoil(set: WriteSet, room: Room): void {
  const row = { room_nid: room.nid, room_id: room.id, version: '', is_public: 0, created_at: 0 };
  set.add('rooms.insert', row);
}

const byKey = ([a]: readonly [number, number], [b]: readonly [number, number]) => a - b;

/** What of a room has to be the same whether it grew in memory or was loaded. */
export function portrait(room: Room) {
  const { decided } = room;
  return {
    state: [...room.stateEvents()].map((e) => [e.type, e.stateKey, e.eventId, room.keyNid(e.type, e.stateKey!)]).sort(),
    joined: [...room.joinedMembers()].sort(),
    invitedCount: room.invitedCount,
    extremities: decided.extremities,
    layers: decided.layers.map(({ nid, depth, size, entries }) => ({
      nid,
      depth,
      size,
      entries: [...(entries ?? [])].sort(byKey),
    })),
    nextKeyNid: decided.nextKeyNid,
    counters: [room.notifyMain, decided.notifyMain],
    lastPosition: room.lastPosition,
    newest: room.recent.slice(-5).map((e) => [e.eventId, e.position, e.notifyMain, e.notify, e.json]),
  };
}
