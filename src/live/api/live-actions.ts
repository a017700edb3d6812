/** What is done in channels, by HTTP and by the gateway alike. Sorted by file. */

import { invalidParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { LiveServices } from '../live-services.ts';
import type { Channel } from '../services/channel-book.ts';
import { acknowledgeWarning } from './actions/acknowledge-warning.ts';
import { announce } from './actions/announce.ts';
import { askForUnban } from './actions/ask-for-unban.ts';
import { banChatter } from './actions/ban-chatter.ts';
import { beginPoll } from './actions/begin-poll.ts';
import { beginRaid } from './actions/begin-raid.ts';
import { cancelRaid } from './actions/cancel-raid.ts';
import { changeSession } from './actions/change-session.ts';
import { changeSettings } from './actions/change-settings.ts';
import { clearChat } from './actions/clear-chat.ts';
import { closeModRoom } from './actions/close-mod-room.ts';
import { createOverlayKey } from './actions/create-overlay-key.ts';
import { decideHeld } from './actions/decide-held.ts';
import { decideUnbanRequest } from './actions/decide-unban-request.ts';
import { deleteLiveMessage } from './actions/delete-live-message.ts';
import { deleteSession } from './actions/delete-session.ts';
import { deleteTerm } from './actions/delete-term.ts';
import { endPoll } from './actions/end-poll.ts';
import { endTimeOut } from './actions/end-time-out.ts';
import { getAutomod } from './actions/get-automod.ts';
import { getChatters } from './actions/get-chatters.ts';
import { getHeld } from './actions/get-held.ts';
import { getModLog } from './actions/get-mod-log.ts';
import { getTerms } from './actions/get-terms.ts';
import { getUnbanRequests } from './actions/get-unban-requests.ts';
import { moveChannel } from './actions/move-channel.ts';
import { openModRoom } from './actions/open-mod-room.ts';
import { pinMessage } from './actions/pin-message.ts';
import { putAutomod } from './actions/put-automod.ts';
import { putTerm } from './actions/put-term.ts';
import { reportLiveMessage } from './actions/report-live-message.ts';
import { revokeOverlayKeys } from './actions/revoke-overlay-keys.ts';
import { setShield } from './actions/set-shield.ts';
import { timeOutChatter } from './actions/time-out-chatter.ts';
import { unbanChatter } from './actions/unban-chatter.ts';
import { unpinMessage } from './actions/unpin-message.ts';
import { voteInPoll } from './actions/vote-in-poll.ts';
import { warnChatter } from './actions/warn-chatter.ts';
import type { Actor, LiveAction } from './live-action.ts';

export const liveActions: readonly LiveAction[] = [
  acknowledgeWarning,
  announce,
  askForUnban,
  banChatter,
  beginPoll,
  beginRaid,
  cancelRaid,
  changeSession,
  changeSettings,
  clearChat,
  closeModRoom,
  createOverlayKey,
  decideHeld,
  decideUnbanRequest,
  deleteLiveMessage,
  deleteSession,
  deleteTerm,
  endPoll,
  endTimeOut,
  getAutomod,
  getChatters,
  getHeld,
  getModLog,
  getTerms,
  getUnbanRequests,
  moveChannel,
  openModRoom,
  pinMessage,
  putAutomod,
  putTerm,
  reportLiveMessage,
  revokeOverlayKeys,
  setShield,
  timeOutChatter,
  unbanChatter,
  unpinMessage,
  voteInPoll,
  warnChatter,
];

const byName = new Map(liveActions.flatMap((action) => (action.does === undefined ? [] : [[action.does, action]])));

/** What the frame `mod` asks for. @throws MatrixError */
export async function performAction(
  services: LiveServices,
  by: Actor,
  channel: Channel,
  json: JsonObject,
): Promise<object> {
  const action = typeof json['do'] === 'string' ? byName.get(json['do']) : undefined;
  if (!action) throw invalidParam('There is no such action');
  return action.perform(services, by, channel, json);
}
