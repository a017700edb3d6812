import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { MemberRow } from '../../storage/contract/user-directory.ts';

/** What member events say of users, by user id. */
export async function memberContents(storage: Storage, rows: readonly MemberRow[]): Promise<Map<string, JsonObject>> {
  const events = await storage.readHeavy((tx) => tx.events.byNids(rows.map(({ event_nid }) => event_nid)));
  const contents = new Map<string, JsonObject>();
  for (const { state_key: userId, json } of events) {
    const pdu: unknown = JSON.parse(json);
    const content = isJsonObject(pdu) ? pdu['content'] : undefined;
    if (userId !== null && isJsonObject(content)) contents.set(userId, content);
  }
  return contents;
}
