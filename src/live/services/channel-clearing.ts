/** Taking much out at once: all of the chat, or all that one user said. Viewers see it at once, the room follows. */
import type { EventSender } from '../../services/rooms/event-sender.ts';
import type { Room } from '../../services/timeline/room.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Random } from '../../util/random.ts';
import { liveArea } from '../store/live-area.ts';
import { requireModerator } from './channel-powers.ts';
import type { Clearings } from './clearings.ts';
import type { DelayedMessages } from './delayed-messages.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface ChannelClearingParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly eventSender: Pick<EventSender, 'redact'>;
  readonly liveChannels: Pick<LiveChannels, 'tell'>;
  readonly liveRooms: Pick<LiveRooms, 'roomBefore'>;
  readonly delays: Pick<DelayedMessages, 'deny'>;
  readonly clearings: Pick<Clearings, 'note'>;
  readonly storage: Pick<Storage, 'readArea'>;
  readonly limits: {
    /** Events of a room that are looked through for what a user has said, and messages that are taken out at a time. */
    readonly looked: number;
    readonly redacted: number;
  };
  readonly log: ModLog;
  readonly random: Random;
  readonly serviceUser: string;
  onFault(error: unknown): void;
}

export class ChannelClearing {
  readonly #parts: ChannelClearingParts;

  constructor(parts: ChannelClearingParts) {
    this.#parts = parts;
  }

  /** Empties the chat of all viewers, as on a stage; the room keeps what was said. @throws M_FORBIDDEN */
  async clear(by: string, live: LiveRoom): Promise<void> {
    const { room } = await requireModerator(this.#parts.rooms, by, live);
    this.#parts.delays.deny(live);
    this.#parts.liveChannels.tell(live, { kind: 'ca', fields: '{}', buries: 'all', isUrgent: true });
    await this.#parts.clearings.note(live, room.recent.at(-1)?.position ?? 0);
    await this.#parts.log.note(by, live, 'clear');
  }

  /** Takes out what a user said of late. Viewers lose sight of it at once. @throws M_FORBIDDEN */
  async purge(by: string, live: LiveRoom, userId: string): Promise<void> {
    await requireModerator(this.#parts.rooms, by, live);
    await this.hide(live, userId, 0);
    await this.#parts.log.note(by, live, 'purge', userId);
    await this.redactAll(live, userId);
  }

  /** Takes what a user said off the screens. `seconds`: for how long it may not chat. */
  async hide(live: LiveRoom, userId: string, seconds: number): Promise<void> {
    const { delays, rooms, clearings } = this.#parts;
    delays.deny(live, userId);
    const fields = JSON.stringify({ u: userId, sec: seconds });
    this.#parts.liveChannels.tell(live, { kind: 'cu', fields, userId, buries: { userId }, isUrgent: true });
    const last = (await rooms.get(live.roomId))?.recent.at(-1);
    await clearings.note(live, last?.position ?? 0, userId);
  }

  /** Who has written in a room since then, among its last events. */
  speakersOf(room: Room, since: number): Promise<readonly string[]> {
    const { storage, limits } = this.#parts;
    return storage.readArea(liveArea, (store) => store.speakers(room.nid, since, limits.looked));
  }

  /** Redacts what a user said of late, by the service user. */
  async redactAll({ roomId, channelId }: LiveRoom, userId: string): Promise<void> {
    const before = this.#parts.liveRooms.roomBefore(channelId);
    for (const id of [roomId, ...(before === undefined ? [] : [before])]) await this.#redactIn(id, userId);
  }

  async #redactIn(roomId: string, userId: string): Promise<void> {
    const { rooms, storage, eventSender, random, serviceUser, limits, onFault } = this.#parts;
    const room = await rooms.get(roomId);
    if (!room) return;
    const { looked, redacted } = limits;
    const said = await storage.readArea(liveArea, (store) => store.saidBy(room.nid, userId, looked, redacted));
    const sender = { userId: serviceUser, deviceId: 'live', isGuest: false };
    for (const eventId of said) {
      await eventSender.redact(sender, roomId, eventId, random.token(16)).catch(onFault);
    }
  }
}
