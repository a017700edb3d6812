import { badJson, invalidParam } from '../../protocol/errors.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { AccountData } from './account-data.ts';

const TAGS = 'm.tag';
const MAX_BYTES = 255;

/**
 * The tags that a user has put on rooms: account data `m.tag` of the room.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#room-tagging
 */
export class Tags {
  private readonly accountData: AccountData;

  constructor(accountData: AccountData) {
    this.accountData = accountData;
  }

  /** `{ tags: { … } }`, of tag names and what was given with them. */
  async of(userId: string, roomId: string): Promise<JsonObject> {
    const text = await this.accountData.get(userId, roomId, TAGS);
    const content: unknown = text === undefined ? undefined : JSON.parse(text);
    return { tags: Object.fromEntries(tagsIn(isJsonObject(content) ? content : undefined)) };
  }

  /** @throws 400 `M_BAD_JSON` if `order` is not a number, `M_INVALID_PARAM` if the name is too long, 413 `M_TOO_LARGE` */
  async set(userId: string, roomId: string, tag: string, info: JsonObject): Promise<void> {
    if (Buffer.byteLength(tag) > MAX_BYTES) throw invalidParam(`A tag has at most ${MAX_BYTES} bytes`);
    const { order } = info;
    if (order !== undefined && typeof order !== 'number') throw badJson('order is not a number');
    await this.accountData.change(userId, roomId, TAGS, (current) => ({
      tags: Object.fromEntries(tagsIn(current).set(tag, info)),
    }));
  }

  /** Puts the tags of the room `from` on the room `to`, unless that has some. */
  async carryOver(userId: string, from: string, to: string): Promise<void> {
    const text = await this.accountData.get(userId, from, TAGS);
    if (text === undefined) return;
    const before: unknown = JSON.parse(text);
    const tags = tagsIn(isJsonObject(before) ? before : undefined);
    if (tags.size === 0) return;
    await this.accountData.change(userId, to, TAGS, (current) =>
      tagsIn(current).size > 0 ? undefined : { tags: Object.fromEntries(tags) },
    );
  }

  async remove(userId: string, roomId: string, tag: string): Promise<void> {
    await this.accountData.change(userId, roomId, TAGS, (current) => {
      const tags = tagsIn(current);
      return tags.delete(tag) ? { tags: Object.fromEntries(tags) } : undefined;
    });
  }
}

function tagsIn(content: JsonObject | undefined): Map<string, JsonObject> {
  const tags = content?.['tags'];
  const known = new Map<string, JsonObject>();
  for (const [tag, info] of Object.entries(isJsonObject(tags) ? tags : {})) {
    if (isJsonObject(info)) known.set(tag, info);
  }
  return known;
}
