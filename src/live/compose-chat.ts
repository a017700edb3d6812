/** The part of the composition that decides what gets into channels, and has it told. */
import { SendOnce } from '../services/timeline/send-once.ts';
import type { Crowd } from './api/gateway/people.ts';
import { composeEntitlements } from './compose-entitlements.ts';
import type { LiveFoundations, LiveSurroundings } from './compose-live.ts';
import { composeOrder } from './compose-order.ts';
import { Channels } from './hub/channels.ts';
import type { RoomOrder } from './hub/order/room-order.ts';
import { nextTurn } from './hub/sockets/next-turn.ts';
import { automodTerms, channelsLimits, gateLimits, moderationLimits, windowOf } from './limits-of.ts';
import { AccountAges } from './services/account-ages.ts';
import { Automod } from './services/automod.ts';
import { ChannelBook } from './services/channel-book.ts';
import { ChannelClearing } from './services/channel-clearing.ts';
import { ChannelControl } from './services/channel-control.ts';
import { ChannelEmotes } from './services/channel-emotes.ts';
import { ChannelModeration } from './services/channel-moderation.ts';
import { ChatGate } from './services/chat-gate.ts';
import { ChatSending } from './services/chat-sending.ts';
import { Chatters } from './services/chatters.ts';
import { Clearings } from './services/clearings.ts';
import { DelayedMessages } from './services/delayed-messages.ts';
import { deleteEdits } from './services/edits-of-deleted.ts';
import { heldJson } from './services/held-messages.ts';
import { JoinPace } from './services/join-pace.ts';
import { LiveChannels } from './services/live-channels.ts';
import { LiveRoomList } from './services/live-rooms.ts';
import { LookAlikes } from './services/look-alikes.ts';
import { MessageNames } from './services/message-names.ts';
import { logEntryJson, ModLog } from './services/mod-log.ts';
import { ModRooms } from './services/mod-rooms.ts';
import { PersonalNews } from './services/personal-news.ts';
import { Polls } from './services/polls.ts';
import { RefusedEvents } from './services/refused-events.ts';
import { noteRoomActions } from './services/room-actions.ts';
import { RunOuts } from './services/run-outs.ts';
import { Standings } from './services/standings.ts';

export function composeChat(
  around: LiveSurroundings,
  on: LiveFoundations,
  people: Crowd,
  onFault: (error: unknown) => void,
) {
  const { clock, random } = around;
  const { storage, notices, rooms, events, timeline, admission, membership, eventSender, roomCreation, config } = on;
  const { live: settings, serverName } = config;
  const serviceUser = `@_live:${serverName}`;
  const liveRooms = new LiveRoomList();
  const book = new ChannelBook({
    ...{ storage, clock, random, notices, rooms, list: liveRooms, roomCreation, membership, serviceUser, onFault },
    settings: {
      ...{ serverName, policyKey: on.policyServer.publicKey, retentionMs: settings.chatRetention },
      ...{ creators: settings.createChannels, perUser: settings.channelsPerUser },
    },
  });
  const { order, close: closeOrder } = composeOrder(config.redis, {
    clock,
    random,
    window: windowOf(settings),
    onFault,
  });
  const channels = new Channels({ ...hubParts(around, order, settings), onFault });
  const clearings = new Clearings(storage, clock, settings.chatRetention);
  const chatters = new Chatters(storage, clock, settings.knownChatters);
  const liveChannels = new LiveChannels({
    ...{ clock, notices, rooms, events, liveRooms, channels, clearings, onFault },
    polls: (live) => polls.ofChannel(live),
    moveViewers: (channelId) => people.resubscribe(channelId),
  });
  const news = new PersonalNews();
  const log = new ModLog({
    ...{ storage, clock, random },
    onEntry(live, row) {
      liveChannels.opened(live)?.lane.publish('log', logEntryJson(row));
      modRooms.tell(live, row);
    },
  });
  const modRooms = new ModRooms({
    ...{ storage, notices, clock, rooms, roomCreation, membership, timeline, liveRooms, log, serviceUser, onFault },
    maxWaiting: settings.modRoomWaiting,
  });
  const delays = new DelayedMessages({
    ...{ clock, random, max: settings.delayedMessages },
    tell: (live, fields) => liveChannels.opened(live)?.lane.publish('delayed', fields),
  });
  const moderation = new ChannelModeration({
    ...{ storage, rooms, timeline, clock, random, log, delays, limits: moderationLimits(settings) },
    onHeld(live, row) {
      liveChannels.opened(live)?.lane.publish('held', heldJson(row));
      news.held(live, row);
    },
    enter: (userId, live) => control.enter(userId, live),
    liveOf: (channelId) => liveRooms.byChannel(channelId),
    onSanction: (live, userId) => news.standing(live, userId),
  });
  const { provider, signed, roleBadges } = composeEntitlements(settings, around, on, onFault);
  const standings = new Standings(provider, new AccountAges(storage, serverName, settings.knownChatters));
  const automod = new Automod({ storage, rooms, clock, log, more: automodTerms(settings) });
  const emotes = new ChannelEmotes(settings.busyChannels);
  const refused = new RefusedEvents({
    ...{ eventSender, clock, random, serviceUser, onFault },
    perSecond: settings.refusedPerSecond,
  });
  const gate = new ChatGate({
    onRefused: (live, eventId) => refused.takeOut(live, eventId),
    ...{
      clock,
      liveRooms,
      rooms,
      events,
      chatters,
      emotes,
      delays,
      serviceUser,
      roleBadges,
      limits: gateLimits(settings),
    },
    standingOf: (room, live, userId) => standings.of(room, live, userId),
    sanctionsOf: (live, room, userId) => moderation.sanctionsOf(live, room, userId),
    termsOf: (live) => moderation.matcherOf(live),
    automodOf: (live) => automod.viewOf(live),
    hold: (live, candidate, hold) => moderation.hold(live, candidate, hold),
  });
  admission.register(gate);
  const names = new MessageNames({ storage, rooms, liveRooms });
  const control = new ChannelControl({
    ...{ rooms, events, timeline, visibility: on.visibility, eventSender, membership, names, log, clock, random },
    serviceUser,
    onHeartbeat: (live, endsAt) => runOuts.heard(live, endsAt),
  });
  const runOuts = new RunOuts({ storage, notices, rooms, liveRooms, control, clock, onFault });
  const polls = new Polls({
    ...{ storage, notices, events, rooms, timeline, liveRooms, liveChannels, log, clock, serviceUser, onFault },
    enter: (userId, live) => control.enter(userId, live),
    refusalOf: (live, room, userId) => gate.refusalOf(live, room, userId),
    limits: { polls: settings.openPolls, voters: settings.pollVoters },
  });
  deleteEdits({ notices, rooms, liveRooms, eventSender, random, serviceUser, onFault });
  noteRoomActions({ notices, rooms, events, liveRooms, log, serviceUser, onFault });
  new LookAlikes({
    ...{ notices, events, rooms, liveRooms, max: settings.knownChatters },
    tell: (live, fields) => liveChannels.opened(live)?.lane.publish('flag', fields),
  });
  const once = new SendOnce(storage);
  return {
    ...{
      book,
      liveRooms,
      liveChannels,
      news,
      log,
      modRooms,
      moderation,
      standings,
      roleBadges,
      emotes,
      automod,
      gate,
      serviceUser,
      closeOrder,
    },
    ...{ entitlements: provider, signedClaims: signed, webhookToken: settings.claimsWebhookToken },
    ...{ control, runOuts, polls, once, names, clearings, chatters },
    clearing: new ChannelClearing({
      liveRooms,
      rooms,
      eventSender,
      liveChannels,
      delays,
      log,
      random,
      serviceUser,
      clearings,
      storage,
      limits: { looked: settings.purgeLook, redacted: settings.purgeMessages },
      onFault,
    }),
    chat: new ChatSending({
      ...{ rooms, admission, once, timeline, liveChannels, names, gate },
      joins: new JoinPace({
        membership,
        clock,
        limits: { perSecond: settings.joinsPerSecond, waiting: settings.joinsWaiting },
      }),
    }),
  };
}

function hubParts({ clock, random }: LiveSurroundings, order: RoomOrder, settings: LiveFoundations['config']['live']) {
  const { fanOut, ...limits } = channelsLimits(settings);
  return {
    ...{ clock, random, order, ...limits },
    fanOut: { ...fanOut, nextTurn },
  };
}
