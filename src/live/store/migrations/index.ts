import type { Migration } from '../../../storage/migration.ts';
import { liveRooms } from './0018-live-rooms.ts';
import { liveSessions } from './0022-live-sessions.ts';
import { liveIndexByUser } from './0035-live-index-by-user.ts';
import { liveAutomod } from './0041-live-automod.ts';
import { liveIndexForMembers } from './0044-live-index-for-members.ts';
import { liveModRooms } from './0045-live-mod-rooms.ts';
import { livePrivate } from './0046-live-private.ts';
import { liveRunOuts } from './0047-live-run-outs.ts';
import { liveHeat } from './0048-live-heat.ts';

/** The steps of the schema that live rooms bring along. Their numbers are those of no other step. */
export const liveMigrations: readonly Migration[] = [
  ...[liveRooms, liveSessions, liveIndexByUser, liveAutomod],
  ...[liveIndexForMembers, liveModRooms, livePrivate, liveRunOuts, liveHeat],
];
