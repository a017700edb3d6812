import type { JsonObject } from '../../../protocol/json.ts';

interface Events {
  readonly events?: readonly JsonObject[];
}

/** A room as sync tells it. */
export interface SyncedRoom {
  readonly timeline?: Events & { readonly prev_batch?: string };
  readonly state_after?: Events;
  readonly account_data?: Events;
}

/** Sync leaves the room's id out of its events. */
export function withRoomId(roomId: string, events: readonly JsonObject[]): JsonObject[] {
  return events.map((event) => Object.assign(event, { room_id: roomId }));
}
