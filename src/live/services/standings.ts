/** Who somebody is in a channel: the levels of the room and the claims of the platform, put together. */
import { powerLevels } from '../../protocol/authorization/power-levels.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { Standing } from '../rules/standing.ts';
import type { AccountAges } from './account-ages.ts';
import type { EntitlementProvider } from './entitlements.ts';
import type { LiveRoom } from './live-rooms.ts';

const BOT_ROLE = 'bot';

export class Standings {
  readonly #entitlements: EntitlementProvider;
  readonly #accounts: AccountAges | undefined;

  /** `accounts`: since when those of this server are there, where the platform does not say. */
  constructor(entitlements: EntitlementProvider, accounts?: AccountAges) {
    this.#entitlements = entitlements;
    this.#accounts = accounts;
  }

  async of(room: Room, live: LiveRoom, userId: string): Promise<Standing> {
    const claims = await this.#entitlements.claimsOf(userId, live.channelId);
    return {
      userId,
      power: powerLevels(room.rules, room).userLevel(userId),
      isStreamer: userId === live.streamer,
      isBot: claims.roles.includes(BOT_ROLE),
      ...claims,
      accountSince: claims.accountSince ?? (await this.#accounts?.of(userId)),
      // Only those who have said something are members.
      hasChatted: false,
    };
  }
}
