/** Every endpoint of live rooms. */
import type { Endpoint } from '../../http/endpoint.ts';
import type { LiveServices } from '../live-services.ts';
import { createChannel } from './channels/create-channel.ts';
import { createPass } from './channels/create-pass.ts';
import { createTicket } from './channels/create-ticket.ts';
import { getChannel } from './channels/get-channel.ts';
import { getChannels } from './channels/get-channels.ts';
import { getChunk } from './channels/get-chunk.ts';
import { getEmotePicture } from './channels/get-emote-picture.ts';
import { getEmotes } from './channels/get-emotes.ts';
import { getHeat } from './channels/get-heat.ts';
import { getPin } from './channels/get-pin.ts';
import { getQuestions } from './channels/get-questions.ts';
import { getReplay } from './channels/get-replay.ts';
import { getSessions } from './channels/get-sessions.ts';
import { getSnapshot } from './channels/get-snapshot.ts';
import { getStanding } from './channels/get-standing.ts';
import { performLiveOperation } from './channels/perform-live-operation.ts';
import { postNotice } from './channels/post-notice.ts';
import { sendLiveMessage } from './channels/send-live-message.ts';
import { streamEvents } from './channels/stream-events.ts';
import { tellEverybody } from './channels/tell-everybody.ts';
import { presentClaims } from './entitlements/present-claims.ts';
import { tellClaimsChanged } from './entitlements/tell-claims-changed.ts';
import { liveActions } from './live-actions.ts';
import { getLivePageFile } from './pages/get-live-page-file.ts';
import { showLiveEmbed } from './pages/show-live-embed.ts';
import { showLiveOverlay } from './pages/show-live-overlay.ts';
import { showLiveSignIn } from './pages/show-live-sign-in.ts';

export const liveEndpoints: readonly Endpoint<{ live: LiveServices }>[] = [
  createChannel,
  createPass,
  createTicket,
  getChannel,
  getChannels,
  getStanding,
  getChunk,
  getEmotePicture,
  getEmotes,
  getHeat,
  getPin,
  getQuestions,
  getReplay,
  getSessions,
  getSnapshot,
  performLiveOperation,
  postNotice,
  streamEvents,
  tellEverybody,
  sendLiveMessage,
  presentClaims,
  tellClaimsChanged,
  showLiveEmbed,
  showLiveOverlay,
  showLiveSignIn,
  getLivePageFile,
  ...liveActions.map(({ endpoint }) => endpoint),
];
