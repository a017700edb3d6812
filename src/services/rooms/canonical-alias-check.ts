import { badAlias, invalidParam } from '../../protocol/errors.ts';
import { isRoomAlias } from '../../protocol/identifiers/room-alias.ts';
import type { JsonObject, JsonValue } from '../../protocol/json.ts';
import type { Room } from '../timeline/room.ts';
import type { RoomAliases } from './room-aliases.ts';

/** Keeps rooms from giving themselves addresses that are not theirs. */
export class CanonicalAliasCheck {
  private readonly aliases: RoomAliases;

  constructor(aliases: RoomAliases) {
    this.aliases = aliases;
  }

  /**
   * Looks at the aliases that the content of `m.room.canonical_alias` has and the present one does not.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#mroomcanonical_alias
   * @throws M_INVALID_PARAM for what is no alias, M_BAD_ALIAS for one that is not of this room
   */
  async check(room: Room, content: JsonObject): Promise<void> {
    const present = new Set(aliasesIn(room.stateEvent('m.room.canonical_alias', '')?.content ?? {}));
    for (const alias of aliasesIn(content)) {
      if (present.has(alias)) continue;
      if (!isRoomAlias(alias)) throw invalidParam(`${JSON.stringify(alias)} is not a room alias`);
      if ((await this.aliases.resolve(alias)) !== room.id) throw badAlias(`${alias} is not an alias of this room`);
    }
  }
}

function aliasesIn(content: JsonObject): JsonValue[] {
  const { alias, alt_aliases: alternatives } = content;
  const list = alternatives === undefined ? [] : Array.isArray(alternatives) ? alternatives : [alternatives];
  return alias === undefined || alias === null || alias === '' ? list : [alias, ...list];
}
