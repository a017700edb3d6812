import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

const ORDER = /^[\x20-\x7e]{1,50}$/;

/**
 * The `m.space.child` events of a space that name a room and servers to reach it by, in the order in which clients show
 * them. Source: https://spec.matrix.org/v1.19/client-server-api/#ordering-of-children-within-a-space
 */
export function spaceChildren(room: Room, suggestedOnly: boolean): StoredEvent[] {
  if (room.get('m.room.create', '')?.content['type'] !== 'm.space') return [];
  return [...room.stateEventsOfType('m.space.child')]
    .filter(({ content }) => isChild(content) && (!suggestedOnly || content['suggested'] === true))
    .sort(compareChildren);
}

/** The child as the answer has it: stripped, with the time by which clients order. */
export function childState(event: StoredEvent): JsonObject {
  return {
    type: event.type,
    state_key: event.stateKey!,
    content: event.content,
    sender: event.sender,
    origin_server_ts: event.originServerTs,
  };
}

function isChild({ via }: JsonObject): boolean {
  return Array.isArray(via) && via.length > 0 && via.every((server) => typeof server === 'string');
}

function compareChildren(a: StoredEvent, b: StoredEvent): number {
  const [orderA, orderB] = [orderOf(a), orderOf(b)];
  if (orderA !== orderB) {
    if (orderA === undefined) return 1;
    return orderB === undefined || orderA < orderB ? -1 : 1;
  }
  return a.originServerTs - b.originServerTs || (a.stateKey! < b.stateKey! ? -1 : 1);
}

function orderOf({ content }: StoredEvent): string | undefined {
  const order = isJsonObject(content) ? content['order'] : undefined;
  return typeof order === 'string' && ORDER.test(order) ? order : undefined;
}
