import { membershipIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { EventDraft, Timeline } from '../timeline/timeline.ts';

/** An `m.room.member` event to be sent. */
export type MemberDraft = EventDraft & { readonly stateKey: string };

export function memberDraft(sender: string, userId: string, content: JsonObject): MemberDraft {
  return { type: 'm.room.member', sender, stateKey: userId, content };
}

/** The membership of a user that the next decision builds on. */
export function presentMembership(room: Room, userId: string): string | undefined {
  return membershipIn(room.decidedState.get('m.room.member', userId)?.content);
}

/** Sends the member event that `decide` answers, in the room's turn; none if it answers undefined. */
export async function changeMember(
  timeline: Timeline,
  roomId: string,
  decide: (
    room: Room,
    present: (userId: string) => string | undefined,
  ) => EventDraft | undefined | Promise<EventDraft | undefined>,
): Promise<StoredEvent | undefined> {
  const events = await timeline.change(roomId, async (turn, room) => {
    const draft = await decide(room, (userId) => presentMembership(room, userId));
    return timeline.append(turn, room, draft ? [draft] : []);
  });
  return events[0];
}
