import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';

/** An `m.space.child` event, of this server's state or as another server tells it. */
export interface SpaceChild {
  readonly roomId: string;
  readonly content: JsonObject;
  readonly sender: string;
  readonly originServerTs: number;
}

const ORDER = /^[\x20-\x7e]{1,50}$/;

/**
 * The `m.space.child` events of a space that name a room and servers to reach it by, in the order in which clients show
 * them. Source: https://spec.matrix.org/v1.19/client-server-api/#ordering-of-children-within-a-space
 */
export function spaceChildren(room: Room, suggestedOnly: boolean): SpaceChild[] {
  if (room.get('m.room.create', '')?.content['type'] !== 'm.space') return [];
  const events = [...room.stateEventsOfType('m.space.child')].map(({ stateKey, content, sender, originServerTs }) => ({
    ...{ roomId: stateKey ?? '', content, sender, originServerTs },
  }));
  return chosen(events, suggestedOnly);
}

/** The same, of the `children_state` that another server tells. */
export function toldChildren(told: JsonValue | undefined, suggestedOnly: boolean, most: number): SpaceChild[] {
  if (!Array.isArray(told)) return [];
  const events = told.slice(0, most).flatMap((event) => {
    if (!isJsonObject(event) || event['type'] !== 'm.space.child') return [];
    const { state_key: roomId, content, sender, origin_server_ts: originServerTs } = event;
    if (!isRoomId(roomId) || !isJsonObject(content) || typeof sender !== 'string') return [];
    return Number.isSafeInteger(originServerTs)
      ? [{ roomId, content, sender, originServerTs: Number(originServerTs) }]
      : [];
  });
  return chosen(events, suggestedOnly);
}

/** The child as the answer has it: stripped, with the time by which clients order. */
export function childState({ roomId, content, sender, originServerTs }: SpaceChild): JsonObject {
  return { type: 'm.space.child', state_key: roomId, content, sender, origin_server_ts: originServerTs };
}

function chosen(events: SpaceChild[], suggestedOnly: boolean): SpaceChild[] {
  return events
    .filter(({ content }) => isChild(content) && (!suggestedOnly || content['suggested'] === true))
    .sort(compareChildren);
}

function isChild({ via }: JsonObject): boolean {
  return Array.isArray(via) && via.length > 0 && via.every((server) => typeof server === 'string');
}

function compareChildren(a: SpaceChild, b: SpaceChild): number {
  const [orderA, orderB] = [orderOf(a), orderOf(b)];
  if (orderA !== orderB) {
    if (orderA === undefined) return 1;
    return orderB === undefined || orderA < orderB ? -1 : 1;
  }
  return a.originServerTs - b.originServerTs || (a.roomId < b.roomId ? -1 : 1);
}

function orderOf({ content }: SpaceChild): string | undefined {
  const { order } = content;
  return typeof order === 'string' && ORDER.test(order) ? order : undefined;
}
