/** The part of the composition that comes on top of the chat. */
import type { Crowd } from './api/gateway/people.ts';
import type { composeChat } from './compose-chat.ts';
import type { LiveFoundations, LiveSurroundings } from './compose-live.ts';
import { CLOSE } from './hub/sockets/close-codes.ts';
import { ErasedChatters } from './services/erased-chatters.ts';
import { Heat } from './services/heat.ts';
import { MessageReactions } from './services/message-reactions.ts';
import { OverlayKeys } from './services/overlay-keys.ts';
import { Raids } from './services/raids.ts';
import { BUCKET_MS, Replay } from './services/replay.ts';
import { Rollover } from './services/rollover.ts';
import { SystemNotices, type SystemNoticesParts } from './services/system-notices.ts';
import { UnbanRequests } from './services/unban-requests.ts';

type Chat = ReturnType<typeof composeChat>;

/** Milliseconds between two looks for what ends by itself, and between two for what is not kept any longer. */
const SWEEP_MS = 1000;
const EXPIRY_MS = 60_000;

export function composeExtras(
  { clock, random }: LiveSurroundings,
  on: LiveFoundations,
  chat: Chat & { readonly people: Crowd; readonly onFault: (error: unknown) => void },
) {
  const { storage, notices, rooms, events, timeline, membership, config } = on;
  const { live: settings } = config;
  const {
    clearings,
    chatters,
    book,
    runOuts,
    liveRooms,
    liveChannels,
    log,
    control,
    moderation,
    polls,
    people,
    serviceUser,
    once,
    onFault,
  } = chat;
  const replay = new Replay({
    ...{ storage, notices, events, rooms, liveRooms, book, clock, visibility: on.visibility, clearings },
    limits: { bucket: settings.replayBucket, waiting: settings.replayWaiting, lifeMs: settings.chatRetention },
  });
  const heat = new Heat({ storage, clock, book, liveChannels, replay, lifeMs: settings.chatRetention });
  on.erasure.register(new ErasedChatters(storage, replay, chatters));
  const overlayKeys = new OverlayKeys({
    ...{ storage, rooms, clock, random, log },
    onRevoked: (channelId) => people.shutOverlays(channelId, CLOSE.badTicket),
    limits: { keys: settings.overlayKeys, lifeMs: settings.overlayKeyLifetime },
  });
  const raids = new Raids({ rooms, book, clock, control, liveChannels, log, serviceUser, onFault });
  const rollover = new Rollover({
    ...{ clock, rooms, timeline, membership, book, liveChannels, log, serviceUser, onFault },
    maxMembers: settings.rolloverMembers,
    onMoved: (live) => runOuts.look(live),
    moveViewers: (channelId) => people.resubscribe(channelId),
  });
  const sweep = async () => {
    await runOuts.sweep();
    await polls.sweep();
    await replay.flush();
    await chatters.flush();
  };
  const expire = async () => {
    for (const each of [moderation, overlayKeys, replay, heat, clearings]) await each.expire();
    await liveChannels.closeIdle(settings.idleTime);
    await rollover.sweep();
  };
  const tellAccount: SystemNoticesParts['tellAccount'] = async (userId, content, txnId, admin) => {
    const notice = { userId, type: 'm.room.message', stateKey: undefined, content };
    await on.serverNotices.send(notice, admin, txnId);
  };
  const cancels: (() => void)[] = [];
  const every = (ms: number, run: () => Promise<void>) => {
    cancels.push(clock.every(ms, () => book.size > 0 && void run().catch(onFault)));
  };
  return {
    ...{ replay, heat, overlayKeys, raids },
    unbanRequests: new UnbanRequests({
      ...{ storage, rooms, clock, random, log, control, liveChannels, page: settings.logPage },
    }),
    reactions: new MessageReactions({
      ...{ notices, events, rooms, liveRooms, clearings },
      limits: { channels: settings.busyChannels, messages: settings.reactedMessages },
    }),
    rollover,
    system: new SystemNotices({
      ...{ storage, once, timeline, serviceUser, onFault },
      tellAll: (text) => people.tellAll(text),
      tellAccount: config.serverNotices.localpart === undefined ? undefined : tellAccount,
    }),
    async start() {
      await polls.start();
      await runOuts.start();
      every(SWEEP_MS, sweep);
      every(EXPIRY_MS, expire);
      every(BUCKET_MS, () => heat.note());
    },
    async stop() {
      for (const cancel of cancels) cancel();
      raids.stop();
      // What cannot be written is no reason to leave the rest undone.
      await sweep().catch(onFault);
    },
  };
}
