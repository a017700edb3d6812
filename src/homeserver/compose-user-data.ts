/** Composes what users keep and leave behind: account data, push rules, receipts, presence. */
import type { Config } from '../config/schema.ts';
import { AccountData } from '../services/account-data/account-data.ts';
import { DirectChats } from '../services/account-data/direct-chats.ts';
import { Tags } from '../services/account-data/tags.ts';
import type { NoticeBoard } from '../services/events.ts';
import { Filters } from '../services/filters/filters.ts';
import type { UserRooms } from '../services/membership/user-rooms.ts';
import { Presence } from '../services/presence/presence.ts';
import { PushRules } from '../services/push/push-rules.ts';
import { PUSH_RULES, pushRulesContent } from '../services/push/push-rules-content.ts';
import { Receipts } from '../services/receipts/receipts.ts';
import { CarryOver } from '../services/succession/carry-over.ts';
import type { EventCache } from '../services/timeline/event-cache.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import { Typing } from '../services/typing/typing.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';
import type { Loggers } from '../util/logger.ts';
import type { Random } from '../util/random.ts';

/** What user data is built on. */
export interface UserDataFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly events: EventCache;
  readonly rooms: RoomCache;
  readonly userRooms: UserRooms;
  readonly loggers: Loggers;
  readonly isLocal: (userId: string) => boolean;
}

export async function composeUserData(on: UserDataFoundations) {
  const { config, clock, random, storage, notices, events, rooms, userRooms } = on;
  const { limits } = config;
  const derived = new Map([[PUSH_RULES, pushRulesContent]]);
  const accountData = new AccountData({ storage, notices, limits, derived });
  const pushRules = new PushRules({ storage, notices, accountData, limits });
  await pushRules.load();
  const tags = new Tags(accountData);
  const directChats = new DirectChats(accountData);
  const logger = on.loggers.named('succession');
  const carryOver = new CarryOver({ storage, rooms, pushRules, tags, directChats, isLocal: on.isLocal, logger });
  return {
    accountData,
    tags,
    carryOver,
    filters: new Filters({ storage, clock, limits }),
    pushRules,
    receipts: new Receipts({ storage, notices, clock, rooms, events, accountData, limits }),
    typing: new Typing({ clock, random, notices, rooms, limits }),
    presence: new Presence({ clock, notices, userRooms, events, enabled: config.presence.enabled, limits }),
  };
}
