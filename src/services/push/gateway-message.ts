/**
 * What push gateways are told.
 * Source: https://spec.matrix.org/v1.19/push-gateway-api/#post_matrixpushv1notify
 */
import { stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { PusherRow } from '../../storage/contract/pushers.ts';
import type { NotifiedEvent } from './notified-events.ts';

/** Where a pusher is sent, and what its gateway gets along with every notification. */
export interface PusherTarget {
  readonly url: string;
  readonly isIdOnly: boolean;
  readonly device: JsonObject;
}

export function targetOf(pusher: PusherRow): PusherTarget {
  const { url, ...data } = JSON.parse(pusher.data) as JsonObject & { url: string };
  return {
    url,
    isIdOnly: data['format'] === 'event_id_only',
    device: {
      app_id: pusher.app_id,
      pushkey: pusher.pushkey,
      pushkey_ts: Math.floor(pusher.created_at / 1000),
      data,
    },
  };
}

/** The body that says that the number of unread messages has changed. */
export function badgeMessage({ device }: PusherTarget, unread: number): string {
  return JSON.stringify({ notification: { id: '', counts: { unread }, devices: [device] } });
}

/** The body that tells of an event. */
export function eventMessage(target: PusherTarget, notified: NotifiedEvent, userId: string, unread: number): string {
  const { event, outcome } = notified;
  const notification = {
    event_id: event.eventId,
    room_id: event.roomId,
    prio: isUrgent(notified) ? 'high' : 'low',
    counts: { unread },
    devices: [{ ...target.device, tweaks: outcome.tweaks }],
  };
  return JSON.stringify({
    notification: target.isIdOnly ? notification : { ...notification, ...describe(notified, userId) },
  });
}

/** What may wake somebody. What is encrypted may be anything. */
function isUrgent({ event, outcome }: NotifiedEvent): boolean {
  return outcome.highlight || outcome.sound !== undefined || event.type === 'm.room.encrypted';
}

function describe({ event, room }: NotifiedEvent, userId: string): JsonObject {
  const name = stringIn(room?.get('m.room.member', event.sender)?.content, 'displayname');
  const roomName = stringIn(room?.get('m.room.name', '')?.content, 'name');
  const alias = stringIn(room?.get('m.room.canonical_alias', '')?.content, 'alias');
  return {
    type: event.type,
    sender: event.sender,
    content: event.content,
    ...(name === undefined ? {} : { sender_display_name: name }),
    ...(roomName === undefined ? {} : { room_name: roomName }),
    ...(alias === undefined ? {} : { room_alias: alias }),
    ...(event.type === 'm.room.member' ? { user_is_target: event.stateKey === userId } : {}),
  };
}
