import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { AccountData } from './account-data.ts';

const DIRECT = 'm.direct';

/**
 * The rooms that a user has marked as conversations with somebody: account data `m.direct`, lists of rooms by user id.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#direct-messaging
 */
export class DirectChats {
  private readonly accountData: AccountData;

  constructor(accountData: AccountData) {
    this.accountData = accountData;
  }

  /** Lists the room `to` wherever the room `from` is listed. */
  async carryOver(userId: string, from: string, to: string): Promise<void> {
    await this.accountData.change(userId, undefined, DIRECT, (current) => withSuccessor(current, from, to));
  }
}

/** Undefined if nothing changes. */
function withSuccessor(content: JsonObject | undefined, from: string, to: string): JsonObject | undefined {
  let isChanged = false;
  const lists = Object.entries(isJsonObject(content) ? content : {}).map(([peer, rooms]) => {
    if (!Array.isArray(rooms) || !rooms.includes(from) || rooms.includes(to)) return [peer, rooms] as const;
    isChanged = true;
    return [peer, [...rooms, to]] as const;
  });
  return isChanged ? Object.fromEntries(lists) : undefined;
}
