/** The endpoints of the server-server API: a part of the registry. */

import { backfillRoom } from './server/backfill/backfill-room.ts';
import { getMissingPreviousEvents } from './server/backfill/get-missing-previous-events.ts';
import { getContent as getContentForServer } from './server/content-repository/get-content.ts';
import { getContentThumbnail as getContentThumbnailForServer } from './server/content-repository/get-content-thumbnail.ts';
import { getEventAuth } from './server/event-auth/get-event-auth.ts';
import { getEvent } from './server/events/get-event.ts';
import { getEventByTimestampForServer } from './server/events/get-event-by-timestamp.ts';
import { getRoomState as getRoomStateForServer } from './server/events/get-room-state.ts';
import { getRoomStateIds } from './server/events/get-room-state-ids.ts';
import { bulkPerspectivesKeyQuery } from './server/keys/bulk-perspectives-key-query.ts';
import { getServerKey } from './server/keys/get-server-key.ts';
import { perspectivesKeyQuery } from './server/keys/perspectives-key-query.ts';
import { exchangeThirdPartyInvite } from './server/membership/exchange-third-party-invite.ts';
import { makeJoin } from './server/membership/make-join.ts';
import { makeKnock } from './server/membership/make-knock.ts';
import { makeLeave } from './server/membership/make-leave.ts';
import { onBindThirdPartyIdentifier } from './server/membership/on-bind-third-party-identifier.ts';
import { sendInviteV1 } from './server/membership/send-invite-v1.ts';
import { sendInviteV2 } from './server/membership/send-invite-v2.ts';
import { sendJoinV1 } from './server/membership/send-join-v1.ts';
import { sendJoinV2 } from './server/membership/send-join-v2.ts';
import { sendKnock } from './server/membership/send-knock.ts';
import { sendLeaveV1 } from './server/membership/send-leave-v1.ts';
import { sendLeaveV2 } from './server/membership/send-leave-v2.ts';
import { exchangeOpenIdToken } from './server/openid/exchange-open-id-token.ts';
import { askPolicyServerToSign } from './server/policy/ask-policy-server-to-sign.ts';
import { getPublicRooms as getPublicRoomsForServer } from './server/public-rooms/get-public-rooms.ts';
import { queryPublicRooms as queryPublicRoomsForServer } from './server/public-rooms/query-public-rooms.ts';
import { queryInfo } from './server/query/query-info.ts';
import { queryProfile } from './server/query/query-profile.ts';
import { queryRoomDirectory } from './server/query/query-room-directory.ts';
import { getSpaceHierarchy as getSpaceHierarchyForServer } from './server/spaces/get-space-hierarchy.ts';
import { sendTransaction } from './server/transactions/send-transaction.ts';
import { getUserDevices } from './server/user-devices/get-user-devices.ts';
import { claimUserEncryptionKeys } from './server/user-keys/claim-user-encryption-keys.ts';
import { queryUserEncryptionKeys } from './server/user-keys/query-user-encryption-keys.ts';
import { getVersion } from './server/version/get-version.ts';

export const serverRegistry = [
  // server/content-repository
  getContentForServer,
  getContentThumbnailForServer,
  // server/keys
  bulkPerspectivesKeyQuery,
  getServerKey,
  perspectivesKeyQuery,
  // server/backfill
  backfillRoom,
  getMissingPreviousEvents,
  // server/event-auth
  getEventAuth,
  // server/events
  getEvent,
  getEventByTimestampForServer,
  getRoomStateForServer,
  getRoomStateIds,
  // server/membership
  exchangeThirdPartyInvite,
  makeJoin,
  makeKnock,
  makeLeave,
  onBindThirdPartyIdentifier,
  sendInviteV1,
  sendInviteV2,
  sendJoinV1,
  sendJoinV2,
  sendKnock,
  sendLeaveV1,
  sendLeaveV2,
  // server/openid
  exchangeOpenIdToken,
  // server/public-rooms
  getPublicRoomsForServer,
  queryPublicRoomsForServer,
  // server/query
  queryInfo,
  queryProfile,
  queryRoomDirectory,
  // server/spaces
  getSpaceHierarchyForServer,
  // server/user-devices
  getUserDevices,
  // server/user-keys
  claimUserEncryptionKeys,
  queryUserEncryptionKeys,
  // server/policy
  askPolicyServerToSign,
  // server/version
  getVersion,
  // server/transactions
  sendTransaction,
];
