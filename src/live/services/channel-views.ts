/** Channels as they are told to viewers: in the directory and one by one. */
import type { JsonObject } from '../../protocol/json.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import { roundedCount } from '../hub/rounded-count.ts';
import type { LiveStatus } from '../rules/channel-state.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import { type Channel, type ChannelBook, isForMembersOnly } from './channel-book.ts';
import type { LiveChannels } from './live-channels.ts';

export interface ChannelViewsParts {
  readonly book: ChannelBook;
  readonly liveChannels: LiveChannels;
  readonly rooms: Pick<RoomCache, 'get'>;
}

const TOLD = ['title', 'category', 'language', 'mature', 'stream', 'session', 'viewers'] as const;

export class ChannelViews {
  readonly #parts: ChannelViewsParts;

  constructor(parts: ChannelViewsParts) {
    this.#parts = parts;
  }

  /** Those with a status, the most viewers first, and where the next page begins. */
  list(status: LiveStatus, from: number, limit: number): { channels: JsonObject[]; next: number | undefined } {
    const fitting = [...this.#parts.book.all()]
      .filter((channel) => channel.state.status === status && !isForMembersOnly(channel))
      .map((channel) => ({ channel, viewers: this.#parts.liveChannels.viewersOf(channel.live) }))
      .sort((a, b) => b.viewers - a.viewers || (a.channel.live.channelId < b.channel.live.channelId ? -1 : 1));
    const channels = fitting.slice(from, from + limit).map(({ channel }) => this.card(channel));
    return { channels, next: from + limit < fitting.length ? from + limit : undefined };
  }

  /** What anybody is told of a channel. */
  card(channel: Channel): JsonObject {
    const { live, name, createdAt, content, state } = channel;
    const card: JsonObject = {
      ...{ channel: live.channelId, room_id: live.roomId, creator: live.streamer, name, status: state.status },
      ...{ viewer_count: roundedCount(this.#parts.liveChannels.viewersOf(live)), created_at: createdAt },
    };
    for (const key of TOLD) if (content[key] !== undefined) card[key] = content[key];
    if (isForMembersOnly(channel)) card['viewers'] = 'members';
    return card;
  }

  /** The same with the settings that are in force. */
  async full(channel: Channel): Promise<JsonObject> {
    const room = await this.#parts.rooms.get(channel.live.roomId);
    const content = (type: string) => room?.get(type, '')?.content ?? {};
    return { ...this.card(channel), settings: content(SETTINGS_EVENT), shield: content(SHIELD_EVENT) };
  }
}
