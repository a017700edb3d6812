import { liveMigrations } from '../src/live/store/migrations/index.ts';
import type { Migration } from '../src/storage/migration.ts';
import { foundation } from './0001-foundation.ts';
import { accounts } from './0002-accounts.ts';
import { encryption } from './0003-encryption.ts';
import { userData } from './0004-user-data.ts';
import { directory } from './0005-directory.ts';
import { userDirectory } from './0006-user-directory.ts';
import { outbox } from './0007-outbox.ts';
import { serverKeys } from './0008-server-keys.ts';
import { branches } from './0009-branches.ts';
import { deviceListsOfOthers } from './0010-device-lists-of-others.ts';
import { search } from './0011-search.ts';
import { reports } from './0012-reports.ts';
import { pushers } from './0013-pushers.ts';
import { gaps } from './0014-gaps.ts';
import { remoteMedia } from './0015-remote-media.ts';
import { pendingRedactions } from './0016-pending-redactions.ts';
import { externalAccounts } from './0017-external-accounts.ts';
import { thirdPartyIds } from './0019-third-party-ids.ts';
import { dehydratedDevices } from './0020-dehydrated-devices.ts';
import { delayedEvents } from './0021-delayed-events.ts';
import { authChainCovers } from './0023-auth-chain-covers.ts';
import { serverNotices } from './0024-server-notices.ts';
import { partialRooms } from './0025-partial-rooms.ts';
import { urlPreviews } from './0026-url-previews.ts';
import { erasure } from './0027-erasure.ts';
import { retention } from './0028-retention.ts';
import { appserviceEvents } from './0029-appservice-events.ts';
import { limitsByRole } from './0030-limits-by-role.ts';
import { relationsByPage } from './0031-relations-by-page.ts';
import { externalRoles } from './0032-external-roles.ts';
import { finalisedDelayedEvents } from './0033-finalised-delayed-events.ts';
import { networkRooms } from './0034-network-rooms.ts';
import { mediaUse } from './0036-media-use.ts';
import { threads } from './0037-threads.ts';
import { eventsForOneServer } from './0038-events-for-one-server.ts';
import { successions } from './0039-successions.ts';
import { agreedTerms } from './0040-agreed-terms.ts';
import { unusedFiles } from './0042-unused-files.ts';
import { signaturesBySigner } from './0043-signatures-by-signer.ts';

/** The server's own, oldest first. */
const ofServer: readonly Migration[] = [
  foundation,
  accounts,
  encryption,
  userData,
  directory,
  userDirectory,
  outbox,
  serverKeys,
  branches,
  deviceListsOfOthers,
  search,
  reports,
  pushers,
  gaps,
  remoteMedia,
  pendingRedactions,
  externalAccounts,
  thirdPartyIds,
  dehydratedDevices,
  delayedEvents,
  serverNotices,
  authChainCovers,
  partialRooms,
  urlPreviews,
  erasure,
  retention,
  appserviceEvents,
  limitsByRole,
  relationsByPage,
  externalRoles,
  finalisedDelayedEvents,
  networkRooms,
  mediaUse,
  threads,
  eventsForOneServer,
  successions,
  agreedTerms,
  unusedFiles,
  signaturesBySigner,
];

/** Those that extensions hand over. Where an extension is taken out its numbers are left out, and stay taken. */
const ofExtensions: readonly Migration[] = [...liveMigrations];

/** Every migration, oldest first. */
export const migrations: readonly Migration[] = [...ofServer, ...ofExtensions].sort(
  (a, b) => versionOf(a) - versionOf(b),
);

/** The version of the schema that this code makes and needs: the number of the last migration. */
export const SCHEMA_VERSION = Math.max(...migrations.map(versionOf));

/** The oldest schema version whose code can still work on a database that this code has migrated. */
export const OLDEST_COMPATIBLE_SCHEMA_VERSION = 1;

/** The number in the name of a migration. */
export function versionOf({ name }: Migration): number {
  return Number.parseInt(name, 10);
}
