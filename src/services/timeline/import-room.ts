import { forbidden, unknown } from '../../protocol/errors.ts';
import { prevEventIds } from '../../protocol/events/prev-event-ids.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { roomVersion } from '../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import type { RoomRow } from '../../storage/contract/rooms.ts';
import { ConflictError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import { commitDecision, settle } from './commit-decision.ts';
import { decideEvent } from './decide-event.ts';
import type { DecideDependencies } from './event-decision.ts';
import { storeOutliers } from './outliers.ts';
import type { PartialEntry } from './partial-state/partial-writes.ts';
import type { EventChecks } from './receive-pdu/check-signatures.ts';
import type { Room } from './room.ts';
import type { RoomQueue, RoomTurn } from './room-queue.ts';
import type { SignedEvent } from './stored-event.ts';
import { writeToldState } from './told-state.ts';

/** What a resident server answered when a user of this server joined by it. */
export interface JoinAnswer {
  readonly roomId: string;
  /** The room's version, as `make_join` told it. */
  readonly version: string;
  /** The resident server. */
  readonly origin: string;
  /** The join, signed by this server, and by the resident one where the room is restricted. */
  readonly joinEvent: JsonObject;
  /** The room's state before the join. */
  readonly state: readonly JsonObject[];
  readonly authChain: readonly JsonObject[];
  /** If members were left out of the state: the servers that were said to be in the room. */
  readonly servers?: readonly string[] | undefined;
}

export interface RoomImportDependencies extends DecideDependencies {
  readonly queue: RoomQueue;
  readonly checks: EventChecks;
  readonly clock: Clock;
}

/** The answer, as far as its events hold. */
interface CheckedAnswer {
  readonly partial: PartialEntry | undefined;
  readonly rules: RoomVersionRules;
  readonly join: SignedEvent;
  readonly state: readonly SignedEvent[];
  readonly authChain: readonly SignedEvent[];
}

/** Takes over rooms of other servers. */
export class RoomImport {
  private readonly d: RoomImportDependencies;

  constructor(dependencies: RoomImportDependencies) {
    this.d = dependencies;
  }

  /**
   * Verifies what a resident server told of a room, and makes the room known here with the join as its newest event. If
   * the room is known, it goes on in a new chunk. What is invalid of the state is left out.
   * @throws M_FORBIDDEN if the state does not allow the join; M_UNKNOWN 502 if the answer is no room's state
   */
  async join(answer: JoinAnswer): Promise<void> {
    const checked = await this.check(answer);
    const row = await this.rowOf(answer.roomId, checked.rules);
    await this.d.queue.run(answer.roomId, (turn) => this.enter(turn, row, checked));
  }

  /** Whether some state of the room is here. */
  async isKnown(roomId: string): Promise<boolean> {
    return (await this.d.rooms.get(roomId)) !== undefined;
  }

  private async check(answer: JoinAnswer): Promise<CheckedAnswer> {
    const rules = roomVersion(answer.version);
    if (!rules) throw badAnswer(`version ${answer.version} is unknown`);
    const { checks } = this.d;
    const [join] = await checks.check([answer.joinEvent], rules, answer.roomId);
    if (!join?.ok) throw badAnswer(`the join does not hold: ${join?.error}`);
    // Together, for most of the state is in the auth chain of the rest.
    const all = await checks.check([...answer.authChain, ...answer.state], rules, answer.roomId);
    const valid = (from: number, to: number) => all.slice(from, to).flatMap((one) => (one.ok ? [one.event] : []));
    const authChain = valid(0, answer.authChain.length);
    const state = valid(answer.authChain.length, all.length);
    const { servers, origin } = answer;
    return { rules, join: join.event, state, authChain, partial: servers && { origin, servers } };
  }

  /** The row of the room, which is made if there is none: users may have been invited to it before. */
  private async rowOf(roomId: string, rules: RoomVersionRules): Promise<RoomRow> {
    const { storage, clock } = this.d;
    const known = () => storage.read((tx) => tx.rooms.byId(roomId));
    const found = await known();
    if (found) return found.version === rules.version ? found : this.withVersion(found, rules);
    const nid = storage.nextNid('room');
    const row = { room_nid: nid, room_id: roomId, version: rules.version, is_public: 0, created_at: clock.now() };
    try {
      await storage.commit(new WriteSet().add('rooms.insert', row));
      return row;
    } catch (error) {
      const others = error instanceof ConflictError ? await known() : undefined;
      if (!others) throw error;
      return others;
    }
  }

  /** What was said with an invite of the version of a room that nobody here has been in may have been a lie. */
  private async withVersion(row: RoomRow, { version }: RoomVersionRules): Promise<RoomRow> {
    const { rooms, storage } = this.d;
    if (await rooms.get(row.room_id)) throw badAnswer(`the room is of version ${row.version}`);
    await storage.commit(new WriteSet().add('rooms.setVersion', { room_nid: row.room_nid, version }));
    return { ...row, version };
  }

  private async enter(turn: RoomTurn, row: RoomRow, answer: CheckedAnswer): Promise<void> {
    const { rooms } = this.d;
    const known = await rooms.get(row.room_id);
    const room = known ?? rooms.create(row);
    rooms.pin(room);
    try {
      return await this.enterRoom(turn, room, answer);
    } catch (error) {
      // A room without state is none that anybody should find.
      if (!known) rooms.evict(room);
      throw error;
    } finally {
      rooms.unpin(room);
    }
  }

  private async enterRoom(turn: RoomTurn, room: Room, answer: CheckedAnswer): Promise<void> {
    const { d } = this;
    const { join, state, authChain, partial } = answer;
    await storeOutliers(d, turn, room, [...authChain, ...state]);
    const layer = await this.layerOf(room, state);
    const statesAfterMissing = new Map(prevEventIds(join.pdu).map((id) => [id, layer]));
    const entry = { isEntry: true, partial, isSpread: true, onlyIfAllowed: true };
    const options = { stateBefore: layer, statesAfterMissing, ...entry };
    const decision = await decideEvent(d, turn, room, join, options);
    switch (decision.outcome) {
      case 'missing':
        throw badAnswer('events that allow the join are missing');
      case 'taken':
        throw badAnswer('the id of the join is that of an event of another room');
      case 'known':
      case 'accepted':
        return decision.done;
      default:
        throw forbidden(decision.verdict.allowed ? undefined : decision.verdict.reason);
    }
  }

  /** @throws M_UNKNOWN 502 for a state without create event */
  private async layerOf(room: Room, told: readonly SignedEvent[]): Promise<number> {
    await settle(room);
    const found = await this.d.events.byIds(
      told.map(({ eventId }) => eventId),
      room,
    );
    const events = told.flatMap(({ eventId }) => found.get(eventId) ?? []);
    const hasCreate = events.some(
      (event) => event.type === 'm.room.create' && event.stateKey === '' && !event.rejected,
    );
    if (!hasCreate) throw badAnswer('there is no create event');
    const set = new WriteSet();
    room.decided.begin();
    const layer = await writeToldState(this.d, set, room, events);
    room.decided.keep();
    if (set.mutations.length > 0) await commitDecision(this.d, room, set);
    return layer!;
  }
}

function badAnswer(why: string) {
  return unknown(`The other server answered with no room that can be joined: ${why}`, { status: 502 });
}
