import type { ReadTx } from '../contract/read-tx.ts';
import { accountDataStore } from './account-data.ts';
import { accountStore } from './accounts.ts';
import { appserviceEventStore } from './appservice-events.ts';
import { crossSigningStore } from './cross-signing.ts';
import { dehydratedDeviceStore } from './dehydrated-devices.ts';
import { delayedEventStore } from './delayed-events.ts';
import { deviceKeyStore } from './device-keys.ts';
import { deviceListStore } from './device-lists.ts';
import { deviceStore } from './devices.ts';
import { directoryStore } from './directory.ts';
import { eventStore } from './events.ts';
import { externalAccountStore } from './external-accounts.ts';
import { filterStore } from './filters.ts';
import { inboxStore } from './inbox.ts';
import { keyBackupStore } from './key-backup.ts';
import { mediaStore } from './media.ts';
import { outboxStore } from './outbox.ts';
import { partialRoomStore } from './partial-rooms.ts';
import { profileStore } from './profiles.ts';
import { pusherStore } from './pushers.ts';
import type { Reader } from './query.ts';
import { receiptStore } from './receipts.ts';
import { relationStore } from './relations.ts';
import { remoteDeviceListStore } from './remote-device-lists.ts';
import { reportStore } from './reports.ts';
import { retentionStore } from './retention.ts';
import { roomStore } from './rooms.ts';
import { searchStore } from './search.ts';
import { serverKeyStore } from './server-keys.ts';
import { serverNoticeStore } from './server-notices.ts';
import { sessionStore } from './sessions.ts';
import { successionStore } from './successions.ts';
import { thirdPartyIdStore } from './third-party-ids.ts';

import { toDeviceStore } from './to-device.ts';
import { urlPreviewStore } from './url-previews.ts';
import { userDirectoryStore } from './user-directory.ts';

/** The stores over one reader. */
export function readTx(reader: Reader): ReadTx {
  return {
    accounts: accountStore(reader),
    appserviceEvents: appserviceEventStore(reader),
    crossSigning: crossSigningStore(reader),
    deviceKeys: deviceKeyStore(reader),
    deviceLists: deviceListStore(reader),
    devices: deviceStore(reader),
    directory: directoryStore(reader),
    events: eventStore(reader),
    inbox: inboxStore(reader),
    keyBackup: keyBackupStore(reader),
    outbox: outboxStore(reader),
    partialRooms: partialRoomStore(reader),
    profiles: profileStore(reader),
    relations: relationStore(reader),
    remoteDeviceLists: remoteDeviceListStore(reader),
    rooms: roomStore(reader),
    serverKeys: serverKeyStore(reader),
    search: searchStore(reader),
    reports: reportStore(reader),
    pushers: pusherStore(reader),
    externalAccounts: externalAccountStore(reader),
    thirdPartyIds: thirdPartyIdStore(reader),
    dehydratedDevices: dehydratedDeviceStore(reader),
    delayedEvents: delayedEventStore(reader),
    serverNotices: serverNoticeStore(reader),
    urlPreviews: urlPreviewStore(reader),
    retention: retentionStore(reader),
    successions: successionStore(reader),
    sessions: sessionStore(reader),
    toDevice: toDeviceStore(reader),
    accountData: accountDataStore(reader),
    filters: filterStore(reader),
    media: mediaStore(reader),
    receipts: receiptStore(reader),
    userDirectory: userDirectoryStore(reader),
  };
}
