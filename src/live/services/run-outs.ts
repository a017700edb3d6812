/** What ends by itself: pins and shields, each at the time that its event says. */

import type { JsonObject } from '../../protocol/json.ts';
import type { NoticeBoard } from '../../services/events.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Clock } from '../../util/clock.ts';
import { PIN_EVENT } from '../rules/recipe.ts';
import { SHIELD_EVENT } from '../rules/shield.ts';
import type { ChannelBook } from './channel-book.ts';
import type { ChannelControl } from './channel-control.ts';
import type { LiveRoom, LiveRooms } from './live-rooms.ts';

export interface RunOutsParts {
  readonly notices: NoticeBoard;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly liveRooms: LiveRooms;
  readonly book: ChannelBook;
  readonly control: Pick<ChannelControl, 'lower'>;
  readonly clock: Clock;
}

const ENDING = new Map<string, 'shield' | 'pin'>([
  [SHIELD_EVENT, 'shield'],
  [PIN_EVENT, 'pin'],
]);

export class RunOuts {
  readonly #parts: RunOutsParts;
  /** When what ends, by room and kind. */
  readonly #due = new Map<string, { readonly live: LiveRoom; readonly what: 'shield' | 'pin'; readonly at: number }>();

  constructor(parts: RunOutsParts) {
    this.#parts = parts;
    parts.notices.on('currentState', ({ roomId, type, stateKey, after }) => {
      const live = ENDING.has(type) && stateKey === '' ? parts.liveRooms.byRoom(roomId) : undefined;
      if (live) this.#note(live, type, after?.content);
    });
  }

  /** Looks at the channels that are live: the work of a start does not grow with all the others. */
  async start(): Promise<void> {
    for (const { live, state } of this.#parts.book.all()) {
      if (state.status === 'live') await this.look(live);
    }
  }

  /** Notes what is to end in a room that is the room of a channel from now on. */
  async look(live: LiveRoom): Promise<void> {
    const room = await this.#parts.rooms.get(live.roomId);
    for (const type of ENDING.keys()) this.#note(live, type, room?.get(type, '')?.content);
  }

  async sweep(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const [key, { live, what, at }] of [...this.#due]) {
      if (at > now) continue;
      this.#due.delete(key);
      await this.#parts.control.lower(live, what);
    }
  }

  #note(live: LiveRoom, type: string, content: JsonObject | undefined): void {
    const what = ENDING.get(type);
    if (what === undefined) return;
    const key = `${live.roomId} ${what}`;
    const until = content?.['until'];
    if (typeof until === 'number') this.#due.set(key, { live, what, at: until });
    else this.#due.delete(key);
  }
}
