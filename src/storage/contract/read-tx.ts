import type { AccountDataStore } from './account-data.ts';
import type { AccountStore } from './accounts.ts';
import type { CrossSigningStore } from './cross-signing.ts';
import type { DeviceKeyStore } from './device-keys.ts';
import type { DeviceListStore } from './device-lists.ts';
import type { DeviceStore } from './devices.ts';
import type { DirectoryStore } from './directory.ts';
import type { EventStore } from './events.ts';
import type { ExternalAccountStore } from './external-accounts.ts';
import type { FilterStore } from './filters.ts';
import type { InboxStore } from './inbox.ts';
import type { KeyBackupStore } from './key-backup.ts';
import type { MediaStore } from './media.ts';
import type { OutboxStore } from './outbox.ts';
import type { ProfileStore } from './profiles.ts';
import type { PusherStore } from './pushers.ts';
import type { ReceiptStore } from './receipts.ts';
import type { RelationStore } from './relations.ts';
import type { RemoteDeviceListStore } from './remote-device-lists.ts';
import type { ReportStore } from './reports.ts';
import type { RoomStore } from './rooms.ts';
import type { SearchStore } from './search.ts';
import type { ServerKeyStore } from './server-keys.ts';
import type { SessionStore } from './sessions.ts';
import type { ThirdPartyIdStore } from './third-party-ids.ts';

import type { ToDeviceStore } from './to-device.ts';
import type { UserDirectoryStore } from './user-directory.ts';

/** One store per area, grouped by what changes together. A look-up that finds nothing answers `undefined`. */
export interface ReadTx {
  readonly accounts: AccountStore;
  readonly crossSigning: CrossSigningStore;
  readonly deviceKeys: DeviceKeyStore;
  readonly deviceLists: DeviceListStore;
  readonly devices: DeviceStore;
  readonly directory: DirectoryStore;
  readonly events: EventStore;
  readonly inbox: InboxStore;
  readonly keyBackup: KeyBackupStore;
  readonly outbox: OutboxStore;
  readonly profiles: ProfileStore;
  readonly relations: RelationStore;
  readonly remoteDeviceLists: RemoteDeviceListStore;
  readonly rooms: RoomStore;
  readonly serverKeys: ServerKeyStore;
  readonly search: SearchStore;
  readonly reports: ReportStore;
  readonly pushers: PusherStore;
  readonly externalAccounts: ExternalAccountStore;
  readonly thirdPartyIds: ThirdPartyIdStore;
  readonly sessions: SessionStore;
  readonly toDevice: ToDeviceStore;
  readonly accountData: AccountDataStore;
  readonly filters: FilterStore;
  readonly media: MediaStore;
  readonly receipts: ReceiptStore;
  readonly userDirectory: UserDirectoryStore;
}
