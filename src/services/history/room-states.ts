import { forbidden, invalidParam, notFound } from '../../protocol/errors.ts';
import { membershipIn, stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import { parsePageToken } from '../timeline/page-token.ts';
import type { FullStates } from '../timeline/partial-state/full-states.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { PastStates } from './past-states.ts';
import type { RoomAccess, RoomView } from './room-access.ts';
import type { StateHistories } from './state-histories.ts';

/** Which members are asked for. With both, those that either lets pass. */
export interface MemberChoice {
  readonly at?: string | undefined;
  readonly membership?: string | undefined;
  readonly notMembership?: string | undefined;
}

/** The state of rooms, for those who may see it: as it is, or as it was when they left. */
export class RoomStates {
  private readonly access: RoomAccess;
  private readonly fullStates: FullStates;
  private readonly past: PastStates;
  private readonly histories: StateHistories;

  constructor(access: RoomAccess, past: PastStates, histories: StateHistories, fullStates: FullStates) {
    this.access = access;
    this.fullStates = fullStates;
    this.past = past;
    this.histories = histories;
  }

  /** @throws M_FORBIDDEN; M_UNKNOWN 504 if not all of it is here, and does not come in time */
  async whole(userId: string, roomId: string): Promise<{ room: Room; events: StoredEvent[] }> {
    const view = await this.wholeView(userId, roomId);
    return { room: view.room, events: await this.stateOf(view) };
  }

  /** @throws M_FORBIDDEN, M_NOT_FOUND */
  async one(
    userId: string,
    roomId: string,
    type: string,
    stateKey: string,
  ): Promise<{ room: Room; event: StoredEvent }> {
    const view = await this.access.of(userId, roomId);
    const isMissing = type === 'm.room.member' && !view.room.get(type, stateKey);
    const { room, leftBy } = isMissing ? await this.wholeView(userId, roomId) : view;
    const layer = leftBy?.stateLayer;
    const event = layer === undefined ? room.get(type, stateKey) : await this.past.one(room, layer, type, stateKey);
    if (!event) throw notFound('The room has no such state');
    return { room, event };
  }

  /** @throws M_FORBIDDEN; M_INVALID_PARAM if `at` is no token of this server; M_UNKNOWN 504 as {@link whole} */
  async members(userId: string, roomId: string, choice: MemberChoice): Promise<{ room: Room; events: StoredEvent[] }> {
    const view = await this.wholeView(userId, roomId);
    const { membership, notMembership } = choice;
    const events = (await this.membersAt(view, choice.at)).filter((event) => {
      if (membership === undefined && notMembership === undefined) return true;
      const is = membershipIn(event.content) ?? 'leave';
      return is === membership || (notMembership !== undefined && is !== notMembership);
    });
    return { room: view.room, events };
  }

  /**
   * Names and avatars of those who are in the room, by user id; null where there is none.
   * @throws M_FORBIDDEN, also to those who have left; M_UNKNOWN 504 as {@link whole}
   */
  async joinedMembers(userId: string, roomId: string): Promise<JsonObject> {
    const view = await this.wholeView(userId, roomId);
    if (view.leftBy) throw forbidden('You are not in this room');
    const joined = Object.create(null) as JsonObject;
    for (const event of await this.membersAt(view, undefined)) {
      if (membershipIn(event.content) !== 'join') continue;
      joined[event.stateKey!] = {
        display_name: stringIn(event.content, 'displayname') ?? null,
        avatar_url: stringIn(event.content, 'avatar_url') ?? null,
      };
    }
    return joined;
  }

  /** The state right after an event. */
  async after(room: Room, event: StoredEvent): Promise<StoredEvent[]> {
    const layer = event.stateLayer;
    // Of events from before the room was known here, nothing but the present state is known.
    if (layer === undefined || layer === room.decided.layers.at(-1)?.nid) return [...room.stateEvents()];
    return this.past.whole(room, layer);
  }

  /** Waits until all of a room's state is here. @throws M_UNKNOWN 504 */
  whenWhole(roomId: string): Promise<void> {
    return this.fullStates.of(roomId);
  }

  private async wholeView(userId: string, roomId: string): Promise<RoomView> {
    await this.access.of(userId, roomId);
    await this.fullStates.of(roomId);
    return this.access.of(userId, roomId);
  }

  private async stateOf({ room, leftBy }: RoomView): Promise<StoredEvent[]> {
    return leftBy ? this.after(room, leftBy) : [...room.stateEvents()];
  }

  private async membersAt(view: RoomView, at: string | undefined): Promise<StoredEvent[]> {
    const { room, leftBy } = view;
    const event = at === undefined ? leftBy : await this.eventAt(view, at);
    if (!event) return [...room.stateEventsOfType('m.room.member')];
    return (await this.after(room, event)).filter((e) => e.type === 'm.room.member');
  }

  /**
   * The last event at or before a token, but none that came after the user left. Where a timeline reaches back to the
   * beginning of what is known of a room, there is nothing before it: then the user's first join.
   */
  private async eventAt({ room, userId, leftBy }: RoomView, token: string): Promise<StoredEvent | undefined> {
    const point = parsePageToken(token, (position) => room.chunkAt(position));
    if (!point) throw invalidParam('at is not a token of this server');
    if (leftBy && leftBy.position <= point.index) return leftBy;
    if (point.index >= room.lastPosition) return undefined;
    const event = await this.past.eventAtOrBefore(room, point.index);
    if (event) return event;
    const memberships = await this.histories.of(room, 'm.room.member', userId);
    return memberships.find(({ content }) => membershipIn(content) === 'join') ?? leftBy;
  }
}
