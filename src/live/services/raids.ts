/** Raids: a streamer leads the viewers on to another channel, after a countdown in which it can be called off. */
import { forbidden, invalidParam } from '../../protocol/errors.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Clock } from '../../util/clock.ts';
import { SETTINGS_EVENT } from '../rules/settings.ts';
import type { Channel, ChannelBook } from './channel-book.ts';
import type { ChannelControl } from './channel-control.ts';
import { requireStreamer } from './channel-powers.ts';
import type { LiveChannels } from './live-channels.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface RaidsParts {
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly book: Pick<ChannelBook, 'get'>;
  readonly clock: Clock;
  readonly control: Pick<ChannelControl, 'notice' | 'guard'>;
  readonly liveChannels: Pick<LiveChannels, 'tell' | 'viewersOf'>;
  readonly log: ModLog;
  readonly serviceUser: string;
  onFault(error: unknown): void;
}

const COUNTDOWN_MS = 90_000;
/** Viewers choose a moment in this time, so that they do not all come at once. */
const SPREAD_MS = 10_000;

export class Raids {
  readonly #parts: RaidsParts;
  readonly #pending = new Map<string, () => void>();

  constructor(parts: RaidsParts) {
    this.#parts = parts;
  }

  /** Answers when it goes off, in milliseconds since the epoch. @throws M_FORBIDDEN, M_INVALID_PARAM */
  async begin(by: string, from: Channel, to: Channel): Promise<number> {
    const { rooms, clock, log, liveChannels } = this.#parts;
    const { live } = from;
    await requireStreamer(rooms, by, live);
    if (to.live.channelId === live.channelId) throw invalidParam('A raid leads to another channel');
    if (to.state.viewers !== 'anyone' || to.isPrivate) throw forbidden('Not everybody may watch that channel');
    this.#pending.get(live.channelId)?.();
    const at = clock.now() + COUNTDOWN_MS;
    const fields = JSON.stringify({ to: to.live.channelId, name: to.name, at, spread_ms: SPREAD_MS });
    liveChannels.tell(live, { kind: 'rd', fields });
    const cancel = clock.after(COUNTDOWN_MS, () => {
      this.#pending.delete(live.channelId);
      void this.#arrive(live.channelId, to.live.channelId).catch(this.#parts.onFault);
    });
    this.#pending.set(live.channelId, cancel);
    await log.note(by, live, 'raid', to.live.channelId);
    return at;
  }

  /** Calls a raid off. @throws M_FORBIDDEN */
  async cancel(by: string, live: LiveRoom): Promise<void> {
    const { rooms, log, liveChannels } = this.#parts;
    await requireStreamer(rooms, by, live);
    const cancel = this.#pending.get(live.channelId);
    if (!cancel) return;
    cancel();
    this.#pending.delete(live.channelId);
    liveChannels.tell(live, { kind: 'rd', fields: '{"to":null}' });
    await log.note(by, live, 'raid.cancel');
  }

  stop(): void {
    for (const cancel of this.#pending.values()) cancel();
    this.#pending.clear();
  }

  async #arrive(fromId: string, toId: string): Promise<void> {
    const { control, liveChannels, serviceUser, rooms, book } = this.#parts;
    // Either may have moved on to another room during the countdown.
    const [from, to] = [book.get(fromId), book.get(toId)];
    const viewers = liveChannels.viewersOf(from.live);
    const target = await rooms.get(to.live.roomId);
    if (target?.get(SETTINGS_EVENT, '')?.content['raid_guard'] === true) await control.guard(to.live);
    const data = { from: from.live.channelId, to: to.live.channelId, viewers };
    await control.notice(serviceUser, from.live, 'raid', `The stream goes on at ${to.name}`, { data });
    await control.notice(serviceUser, to.live, 'raid', `${from.name} comes with ${viewers} viewers`, { data });
  }
}
