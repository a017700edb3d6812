import { duplicateAnnotation } from '../../protocol/errors.ts';
import { type Relation, relationIn } from '../../protocol/events/relations.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Room } from '../timeline/room.ts';

/**
 * Nobody says the same of an event twice.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#avoiding-duplicate-annotations
 * @throws M_DUPLICATE_ANNOTATION
 */
export async function refuseSecondAnnotation(
  storage: Storage,
  room: Room,
  annotation: { readonly sender: string; readonly type: string; readonly relation: Relation },
): Promise<void> {
  const { sender, type, relation } = annotation;
  const rows = await storage.read((tx) => tx.events.annotationsBy(room.nid, relation.eventId, sender, type));
  const isSame = rows.some((row) => {
    const pdu: unknown = JSON.parse(row.json);
    const content = isJsonObject(pdu) ? pdu['content'] : undefined;
    return isJsonObject(content) && relationIn(content)?.key === relation.key;
  });
  if (isSame) throw duplicateAnnotation('You have reacted to this event in this way already');
}
