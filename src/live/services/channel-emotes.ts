/** The emotes of rooms, read out of their state once for as long as it stays the same. */
import type { Room } from '../../services/timeline/room.ts';
import { Lru } from '../../util/lru.ts';
import { EMOTE_PACK_EVENTS, emotesIn } from '../rules/emote-packs.ts';
import type { EmoteSet } from '../rules/emotes.ts';

interface Known {
  /** Ids of the events that say so. */
  readonly by: string;
  readonly emotes: EmoteSet;
  /** Their pictures. */
  readonly pictures: ReadonlySet<string>;
}

type RoomState = Pick<Room, 'id' | 'stateEventsOfType'>;

export class ChannelEmotes {
  readonly #known: Lru<string, Known>;

  /** `max`: rooms whose emotes are kept. */
  constructor(max: number) {
    this.#known = new Lru({ max });
  }

  of(room: RoomState): EmoteSet {
    return this.#in(room).emotes;
  }

  /** Whether the picture at this `mxc:` address is one of them. */
  shows(room: RoomState, mxc: string): boolean {
    return this.#in(room).pictures.has(mxc);
  }

  #in(room: RoomState): Known {
    const packs = EMOTE_PACK_EVENTS.flatMap((type) => [...room.stateEventsOfType(type)]);
    const by = packs.map(({ eventId }) => eventId).join();
    const before = this.#known.get(room.id);
    if (before?.by === by) return before;
    const emotes = emotesIn(packs.map(({ content }) => content));
    const known = { by, emotes, pictures: new Set([...emotes.values()].map(({ mxc }) => mxc)) };
    this.#known.set(room.id, known);
    return known;
  }
}
