/** Every endpoint of the server: what is not in this list does not exist. Sorted by folder, then by name. */
import { getAccountData } from './client/account-data/get-account-data.ts';
import { getAccountDataPerRoom } from './client/account-data/get-account-data-per-room.ts';
import { setAccountData } from './client/account-data/set-account-data.ts';
import { setAccountDataPerRoom } from './client/account-data/set-account-data-per-room.ts';
import { postReceipt } from './client/receipts/post-receipt.ts';
import { setReadMarker } from './client/receipts/set-read-marker.ts';
import { getCapabilities } from './client/server/get-capabilities.ts';
import { getVersions } from './client/server/get-versions.ts';
import { deleteRoomTag } from './client/tags/delete-room-tag.ts';
import { getRoomTags } from './client/tags/get-room-tags.ts';
import { setRoomTag } from './client/tags/set-room-tag.ts';
import { setTyping } from './client/typing/set-typing.ts';
import { getVersion } from './server/version/get-version.ts';
import { getWellKnown } from './well-known/get-well-known.ts';
import { getWellknown } from './well-known/get-wellknown.ts';
import { getWellknownSupport } from './well-known/get-wellknown-support.ts';

export const registry = [
  // client/account-data
  getAccountData,
  getAccountDataPerRoom,
  setAccountData,
  setAccountDataPerRoom,
  // client/receipts
  postReceipt,
  setReadMarker,
  // client/tags
  deleteRoomTag,
  getRoomTags,
  setRoomTag,
  // client/typing
  setTyping,
  // client/server
  getCapabilities,
  getVersions,
  // server/version
  getVersion,
  // well-known
  getWellknown,
  getWellKnown,
  getWellknownSupport,
];
