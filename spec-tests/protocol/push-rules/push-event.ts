import type { JsonObject } from '../../../src/protocol/json.ts';
import type { PushContext, PushEvent } from '../../../src/protocol/push-rules/conditions.ts';

export const ME = '@me:a.test';
export const OTHER = '@other:a.test';
export const ROOM = '!room:a.test';

/** An event of OTHER in ROOM. */
export function event(type: string, content: JsonObject = {}, stateKey?: string): PushEvent {
  const made: PushEvent = { type, sender: OTHER, room_id: ROOM, content };
  if (stateKey !== undefined) made.state_key = stateKey;
  return made;
}

export function message(body: string, content: JsonObject = {}): PushEvent {
  return event('m.room.message', { msgtype: 'm.text', body, ...content });
}

/** A room of ten where notifying all takes level 50, and a sender with level 0. */
export function context(changes: Partial<PushContext> = {}): PushContext {
  return {
    userId: ME,
    displayName: 'Meike [M]',
    memberCount: 10,
    senderPowerLevel: 0,
    notificationLevel: (key) => (key === 'room' ? 50 : 100),
    ...changes,
  };
}
