/** What the endpoints of live rooms work with. */
import type { Media } from '../services/media/media.ts';
import type { Thumbnails } from '../services/media/thumbnails.ts';
import type { RoomCache } from '../services/timeline/room-cache.ts';
import type { WatchingServices } from './api/watching.ts';
import type { Automod } from './services/automod.ts';
import type { ChannelBook } from './services/channel-book.ts';
import type { ChannelClearing } from './services/channel-clearing.ts';
import type { ChannelControl } from './services/channel-control.ts';
import type { ChannelEmotes } from './services/channel-emotes.ts';
import type { ChannelModeration } from './services/channel-moderation.ts';
import type { ChannelViews } from './services/channel-views.ts';
import type { ChatSending } from './services/chat-sending.ts';
import type { SignedClaims } from './services/claims/signed-claims.ts';
import type { EntitlementProvider } from './services/entitlements.ts';
import type { Heat } from './services/heat.ts';
import type { LiveChannels } from './services/live-channels.ts';
import type { LiveRooms } from './services/live-rooms.ts';
import type { MessageNames } from './services/message-names.ts';
import type { MessageReactions } from './services/message-reactions.ts';
import type { ModLog } from './services/mod-log.ts';
import type { ModRooms } from './services/mod-rooms.ts';
import type { OverlayKeys } from './services/overlay-keys.ts';
import type { Passes } from './services/passes.ts';
import type { Platform } from './services/platform.ts';
import type { Polls } from './services/polls.ts';
import type { Raids } from './services/raids.ts';
import type { Replay } from './services/replay.ts';
import type { Rollover } from './services/rollover.ts';
import type { SignInOrigins } from './services/sign-in-origins.ts';
import type { SystemNotices } from './services/system-notices.ts';
import type { Tickets } from './services/tickets.ts';
import type { UnbanRequests } from './services/unban-requests.ts';
import type { ViewerAccess } from './services/viewer-access.ts';

export interface LiveServices extends WatchingServices {
  readonly polls: Polls;
  readonly platform: Platform;
  /** Who makes live rooms, and does what the server wants done. */
  readonly serviceUser: string;
  readonly raids: Raids;
  readonly unbanRequests: UnbanRequests;
  readonly overlayKeys: OverlayKeys;
  readonly replay: Replay;
  readonly heat: Heat;
  readonly rollover: Rollover;
  readonly reactions: MessageReactions;
  readonly system: SystemNotices;
  readonly log: ModLog;
  readonly modRooms: ModRooms;
  readonly liveRooms: Pick<LiveRooms, 'roomBefore'>;
  readonly names: MessageNames;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly book: ChannelBook;
  readonly views: ChannelViews;
  readonly automod: Automod;
  readonly emotes: ChannelEmotes;
  readonly media: Pick<Media, 'find'>;
  readonly thumbnails: Pick<Thumbnails, 'of'>;
  readonly control: ChannelControl;
  readonly clearing: ChannelClearing;
  readonly moderation: ChannelModeration;
  readonly chat: ChatSending;
  readonly access: ViewerAccess;
  readonly liveChannels: LiveChannels;
  readonly tickets: Tickets;
  readonly passes: Passes;
  readonly origins: SignInOrigins;
  readonly entitlements: EntitlementProvider;
  readonly signedClaims: SignedClaims | undefined;
  /** By which the platform tells of changes; undefined: it does not. */
  readonly webhookToken: string | undefined;
  /** Where viewers open their sockets, as `wss://…`. */
  readonly gatewayUrl: string;
}
