import type { Mutations } from '../contract/write-set.ts';
import { accountDataMutations } from './account-data.ts';
import { accountMutations } from './accounts.ts';
import { appserviceEventMutations } from './appservice-events.ts';
import { crossSigningMutations } from './cross-signing.ts';
import { dehydratedDeviceMutations } from './dehydrated-devices.ts';
import { delayedEventMutations } from './delayed-events.ts';
import { deviceKeyMutations } from './device-keys.ts';
import { deviceListMutations } from './device-lists.ts';
import { deviceMutations } from './devices.ts';
import { directoryMutations } from './directory.ts';
import { eventMutations } from './events.ts';
import { externalAccountMutations } from './external-accounts.ts';
import { filterMutations } from './filters.ts';
import { inboxMutations } from './inbox.ts';
import { keyBackupMutations } from './key-backup.ts';
import { mediaMutations } from './media.ts';
import type { MutationDefinition, MutationDefinitions } from './mutation.ts';
import { outboxMutations } from './outbox.ts';
import { partialRoomMutations } from './partial-rooms.ts';
import { profileMutations } from './profiles.ts';
import { pusherMutations } from './pushers.ts';
import { receiptMutations } from './receipts.ts';
import { remoteDeviceListMutations } from './remote-device-lists.ts';
import { reportMutations } from './reports.ts';
import { retentionMutations } from './retention.ts';
import { roomMutations } from './rooms.ts';
import { searchMutations } from './search.ts';
import { serverKeyMutations } from './server-keys.ts';
import { serverNoticeMutations } from './server-notices.ts';
import { sessionMutations } from './sessions.ts';
import { successionMutations } from './successions.ts';
import { thirdPartyIdMutations } from './third-party-ids.ts';

import { toDeviceMutations } from './to-device.ts';
import { urlPreviewMutations } from './url-previews.ts';
import { userDirectoryMutations } from './user-directory.ts';

/** Every mutation. An area that adds some lists them here; a missing one does not compile. */
const definitions: MutationDefinitions = {
  ...accountMutations,
  ...appserviceEventMutations,
  ...crossSigningMutations,
  ...deviceKeyMutations,
  ...deviceListMutations,
  ...deviceMutations,
  ...directoryMutations,
  ...eventMutations,
  ...inboxMutations,
  ...keyBackupMutations,
  ...outboxMutations,
  ...partialRoomMutations,
  ...profileMutations,
  ...remoteDeviceListMutations,
  ...roomMutations,
  ...serverKeyMutations,
  ...searchMutations,
  ...reportMutations,
  ...pusherMutations,
  ...externalAccountMutations,
  ...thirdPartyIdMutations,
  ...dehydratedDeviceMutations,
  ...delayedEventMutations,
  ...serverNoticeMutations,
  ...urlPreviewMutations,
  ...retentionMutations,
  ...successionMutations,
  ...sessionMutations,
  ...toDeviceMutations,
  ...accountDataMutations,
  ...filterMutations,
  ...mediaMutations,
  ...receiptMutations,
  ...userDirectoryMutations,
};

/** The definitions in a fixed order: engines and committer name them by index. */
export const definitionList = Object.entries(definitions) as [keyof Mutations, MutationDefinition][];
