import { compileGlob } from '../../protocol/glob.ts';
import { serverOf } from '../../protocol/identifiers/parts.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';

/** Where users keep what they have decided. */
export interface AccountDataReader {
  /** JSON text of the content; undefined if it was never set. */
  get(userId: string, roomId: undefined, type: string): Promise<string | undefined>;
}

/** Of MSC4380, under the name of the specification and the one it had before. */
const SIMPLE = ['m.invite_permission_config', 'org.matrix.msc4380.invite_permission_config'];

/** The lists of MSC4155, the first that names the inviter or their server decides. */
const LISTS = [
  ['allowed_users', 'user', false],
  ['ignored_users', 'user', true],
  ['blocked_users', 'user', true],
  ['allowed_servers', 'server', false],
  ['ignored_servers', 'server', true],
  ['blocked_servers', 'server', true],
] as const;

/**
 * Reads from a user's account data whose invites they want. An invite that a list wants ignored is refused, too: the
 * user sees as little of it.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#invite-permission and
 * https://github.com/matrix-org/matrix-spec-proposals/pull/4155
 */
export class InviteChoicesOfUsers {
  private readonly accountData: AccountDataReader;

  constructor(accountData: AccountDataReader) {
    this.accountData = accountData;
  }

  async blocks(userId: string, inviter: string): Promise<boolean> {
    for (const type of SIMPLE) {
      if ((await this.content(userId, type))?.['default_action'] === 'block') return true;
    }
    const lists = await this.content(userId, 'org.matrix.msc4155.invite_permission_config');
    return lists !== undefined && lists['enabled'] !== false && blockedByLists(lists, inviter);
  }

  private async content(userId: string, type: string): Promise<JsonObject | undefined> {
    const text = await this.accountData.get(userId, undefined, type);
    const content: unknown = text === undefined ? undefined : JSON.parse(text);
    return isJsonObject(content) ? content : undefined;
  }
}

function blockedByLists(lists: JsonObject, inviter: string): boolean {
  const server = serverOf(inviter)?.replace(/:\d+$/, '') ?? '';
  for (const [name, what, blocks] of LISTS) {
    const patterns = lists[name];
    const subject = what === 'user' ? inviter : server;
    if (Array.isArray(patterns) && patterns.some((p) => typeof p === 'string' && compileGlob(p)(subject))) {
      return blocks;
    }
  }
  return false;
}
