/** Composes what users and administrators have against abuse. */
import type { Config } from '../config/schema.ts';
import type { Accounts } from '../services/accounts/accounts.ts';
import type { EventLookup } from '../services/history/event-lookup.ts';
import { Reports } from '../services/moderation/reports.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Clock } from '../util/clock.ts';

/** What moderation is built on. */
export interface ModerationFoundations {
  readonly config: Config;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly eventLookup: EventLookup;
  readonly accounts: Accounts;
}

export function composeModeration({ config, clock, storage, rooms, eventLookup, accounts }: ModerationFoundations) {
  const mayExist = async (userId: string) => !accounts.isLocal(userId) || (await accounts.get(userId)) !== undefined;
  return { reports: new Reports({ storage, clock, rooms, lookup: eventLookup, mayExist, limits: config.limits }) };
}
