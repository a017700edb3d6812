import type { OutgoingClient } from '../outgoing/outgoing-client.ts';
import type { Storage } from '../storage/contract/storage.ts';
import type { Admission } from './admission/admission.ts';
import type { Erasure } from './erasure/erasure.ts';
import type { NoticeBoard } from './events.ts';
import type { ExternalAccounts } from './external-login/external-accounts.ts';
import type { HistoryVisibility } from './history/history-visibility.ts';
import type { Media } from './media/media.ts';
import type { Thumbnails } from './media/thumbnails.ts';
import type { Membership } from './membership/membership.ts';
import type { PolicyServer } from './policy-server/policy-server.ts';
import type { EventSender } from './rooms/event-sender.ts';
import type { RoomCreation } from './rooms/room-creation.ts';
import type { ServerNotices } from './server-notices/server-notices.ts';
import type { EventCache } from './timeline/event-cache.ts';
import type { RoomCache } from './timeline/room-cache.ts';
import type { Timeline } from './timeline/timeline.ts';

/** What extensions of the homeserver may be built on, beside the configuration. */
export interface ExtensionFoundations {
  readonly storage: Storage;
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly timeline: Timeline;
  /** Who may see which events of the past. */
  readonly visibility: Pick<HistoryVisibility, 'filter'>;
  readonly admission: Admission;
  readonly membership: Membership;
  readonly eventSender: EventSender;
  readonly roomCreation: RoomCreation;
  readonly media: Media;
  readonly thumbnails: Thumbnails;
  readonly outgoing: { readonly client: OutgoingClient };
  /** Deletes what erased users leave with the extension, too. */
  readonly erasure: Pick<Erasure, 'register'>;
  /** By whose key this server signs as a policy server. */
  readonly policyServer: PolicyServer;
  /** Tells single accounts something. */
  readonly serverNotices: ServerNotices;
  /** Knows the roles that people had elsewhere when they logged in. */
  readonly externalAccounts: Pick<ExternalAccounts, 'rolesOf'>;
}
