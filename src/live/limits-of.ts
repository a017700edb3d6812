/** The options of `homeserver.yaml` in the form that each part of live rooms takes them. */
import type { GatewayOptions } from './api/gateway/gateway.ts';
import type { ChannelsOptions } from './hub/channels.ts';
import type { CapLimits } from './hub/sockets/socket-caps.ts';
import type { WindowLimits } from './hub/window.ts';
import type { GatewaysParts } from './link/gateways.ts';
import type { SumsLimits } from './link/sums.ts';
import type { AutomodParts } from './services/automod.ts';
import type { ChannelModerationParts } from './services/channel-moderation.ts';
import type { ChatGateParts } from './services/chat-gate.ts';
import type { LiveSettings } from './settings/live-section.ts';

export function windowOf(settings: LiveSettings): WindowLimits {
  const { recoveryTime: maxAgeMs, recoveryEntries: maxEntries, snapshotMessages: keep } = settings;
  return { maxAgeMs, maxEntries, keep };
}

export function channelsLimits(settings: LiveSettings): Omit<
  ChannelsOptions,
  'clock' | 'random' | 'order' | 'onFault' | 'fanOut'
> & {
  readonly fanOut: Omit<ChannelsOptions['fanOut'], 'nextTurn'>;
} {
  const { tick: minMs, tickMax: maxMs, writeCost: writeCostUs, writeBudget: budget } = settings;
  return {
    window: windowOf(settings),
    tick: { minMs, maxMs: Math.max(minMs, maxMs), writeCostUs, budget },
    aggregates: {
      viewersMs: settings.viewersInterval,
      viewersShare: settings.viewersChange,
      reactionsMs: settings.sumsInterval,
      maxKeys: settings.countedKeys,
    },
    snapshotMessages: settings.snapshotMessages,
    recoveryEntries: settings.recoveryFrame,
    maxWaiting: settings.waitingMessages,
    laneFrames: settings.laneFrames,
    fanOut: {
      slice: settings.writeSlice,
      deflateFrom: settings.compressFrom,
      socket: {
        lossyBytes: settings.lagCounts,
        lagBytes: settings.lagPause,
        closeBytes: settings.lagClose,
        closeMs: settings.lagTime,
      },
    },
  };
}

export function gatewayLimits(
  settings: LiveSettings,
): Pick<GatewayOptions, 'heartbeat' | 'session' | 'closeMs' | 'drainMs'> {
  const { frames, heartbeat } = settings;
  return {
    heartbeat: { silenceMs: heartbeat, answerMs: settings.heartbeatAnswer },
    session: {
      helloMs: settings.helloTime,
      heartbeatMs: heartbeat,
      frames: { count: frames.burst, perMs: (frames.burst / frames.perSecond) * 1000 },
      channels: settings.channelsPerSocket,
      maxFrame: settings.frameSize,
      running: settings.framesRunning,
    },
    closeMs: settings.closeTime,
    drainMs: settings.drainTime,
  };
}

export function linkLimits(settings: LiveSettings): GatewaysParts['limits'] & { readonly retryMs: number } {
  return {
    answerMs: settings.linkTimeout,
    waiting: settings.linkWaiting,
    running: settings.linkRunning,
    heartbeatMs: settings.linkHeartbeat,
    queueBytes: settings.linkQueue,
    gateways: settings.gateways,
    frame: settings.linkMessage,
    retryMs: settings.linkRetry,
  };
}

export function sumsLimits(settings: LiveSettings): SumsLimits {
  return { everyMs: settings.sumsInterval, maxKeys: settings.countedKeys };
}

export function capLimits(settings: LiveSettings): CapLimits {
  return {
    sockets: settings.sockets,
    perIpv4: settings.socketsPerIpv4,
    perIpv6Network: settings.socketsPerIpv6Network,
    perUser: settings.socketsPerUser,
    handshakes: settings.handshakes,
  };
}

export function gateLimits(settings: LiveSettings): ChatGateParts['limits'] {
  const { messageWindow: perMs } = settings;
  return {
    pace: {
      floorMs: settings.messageGap,
      users: { count: settings.messagesOfUsers, perMs },
      moderators: { count: settings.messagesOfModerators, perMs },
      bots: { count: settings.messagesOfBots, perMs },
    },
    text: {
      mentions: settings.mentions,
      pictures: settings.pictures,
      floodUsers: settings.floodUsers,
      capitals: settings.capitals,
    },
    records: { users: settings.knownChatters, texts: settings.knownTexts },
    rooms: settings.busyChannels,
    signatures: settings.knownSignatures,
    joinsPerSecond: settings.joinsPerSecond,
  };
}

export function moderationLimits(settings: LiveSettings): ChannelModerationParts['limits'] {
  return {
    terms: settings.terms,
    heldMs: settings.heldTime,
    held: settings.heldMessages,
    heldOfUser: settings.heldOfUser,
    reasonBytes: settings.reasonSize,
    page: settings.logPage,
    logMs: settings.logRetention,
  };
}

/** The words of the configuration, by category and level. */
export function automodTerms({ automodTerms: terms }: LiveSettings): AutomodParts['more'] {
  return terms.map(({ category, level, pattern }) => ({ category, level, patterns: [pattern] }));
}
