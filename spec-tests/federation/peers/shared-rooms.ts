import { strict as assert } from 'node:assert';
import { Direction, EventType, type IContent, type ICreateRoomOpts, Preset } from 'matrix-js-sdk';
import type { Device } from '../../clients/support/device.ts';
import { reads, say, seesMembers } from '../../clients/support/rooms.ts';
import type { Side } from './neighbours.ts';

/** A public room of the host that the guest has joined. */
export async function shareRoom(host: Side, guest: Side, options: ICreateRoomOpts = {}): Promise<string> {
  const { room_id: roomId } = await host.person.client.createRoom({ preset: Preset.PublicChat, ...options });
  await join(guest, roomId, host);
  await Promise.all([host, guest].map(({ person }) => seesMembers(person, roomId, 2)));
  return roomId;
}

/** Joins by way of another server. */
export async function join(side: Side, room: string, via: Side): Promise<void> {
  await side.person.client.joinRoom(room, { viaServers: [via.server.serverName] });
}

/** Leaves, and waits until the client knows: it would not ask to join a room in which it believes to be. */
export async function leave(side: Side, room: string): Promise<void> {
  await side.person.client.leave(room);
  await seesMembership(side.person, room, side.person.userId, 'leave');
}

/** One says something, the other reads it: gives the event's id. */
export async function tell(speaker: Device, listener: Device, roomId: string, text: string): Promise<string> {
  const eventId = await say(speaker, roomId, text);
  assert.equal((await reads(listener, roomId, eventId)).getContent()['body'], text);
  return eventId;
}

/**
 * Both sides have the same events as the state of the room. What one says after it has read the other comes after all
 * that either knew, so that nothing is on its way any more when it is read.
 */
export async function agreeOnState(left: Device, right: Device, roomId: string): Promise<void> {
  await tell(left, right, roomId, 'anything new?');
  await tell(right, left, roomId, 'not that I know');
  assert.deepEqual(await stateOf(left, roomId), await stateOf(right, roomId));
}

/** The ids of the events by type and state key. */
export async function stateOf(device: Device, roomId: string): Promise<Record<string, string>> {
  const events = await device.client.roomState(roomId);
  const entries = events.map(({ type, state_key, event_id }) => [`${type} ${state_key}`, event_id] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function seesMembership(device: Device, roomId: string, userId: string, membership: string): Promise<true> {
  const seen = () => device.client.getRoom(roomId)?.getMember(userId)?.membership;
  return device.until(
    `sees ${membership} of ${userId}`,
    () => seen() === membership || undefined,
    () => `it sees ${seen()}`,
  );
}

/** Waits until a device sees this content as current state. */
export function seesState(device: Device, roomId: string, type: EventType | string, content: IContent): Promise<true> {
  const seen = () => device.client.getRoom(roomId)?.currentState.getStateEvents(type, '')?.getContent();
  return device.until(
    `sees ${type}`,
    () => JSON.stringify(seen()) === JSON.stringify(content) || undefined,
    () => `it sees ${JSON.stringify(seen())}`,
  );
}

/** The ids of the messages of a room, oldest first, as the server pages back through it. */
export async function messagesOf(device: Device, roomId: string): Promise<string[]> {
  const ids: string[] = [];
  let from: string | null = null;
  do {
    const page: { chunk: { type: string; event_id: string }[]; end?: string } =
      await device.client.createMessagesRequest(roomId, from, 50, Direction.Backward);
    ids.push(...page.chunk.filter(({ type }) => type === EventType.RoomMessage).map(({ event_id }) => event_id));
    from = page.end ?? null;
  } while (from !== null);
  return ids.reverse();
}

/** Waits until the server of a device has nothing left of what an event said. */
export function seesRedacted(device: Device, roomId: string, eventId: string): Promise<true> {
  return device.until(`sees ${eventId} redacted`, async () => {
    const { content } = await device.client.fetchRoomEvent(roomId, eventId);
    return Object.keys(content ?? {}).length === 0;
  });
}
