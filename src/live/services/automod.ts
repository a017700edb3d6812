/** Automatic moderation of channels: their levels, which are no state of the room, and the words behind them. */
import { invalidParam } from '../../protocol/errors.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { TermMatcher } from '../../protocol/text-moderation/term-matcher.ts';
import type { RoomCache } from '../../services/timeline/room-cache.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { AutomodView } from '../rules/admission/attempt.ts';
import { type AutomodSettings, type AutomodTerm, automodMatcher, HIGHEST_LEVEL, levelsIn } from '../rules/automod.ts';
import { AUTOMOD_TERMS } from '../rules/automod-terms.ts';
import { liveArea } from '../store/live-area.ts';
import { requireModerator } from './channel-powers.ts';
import type { LiveRoom } from './live-rooms.ts';
import type { ModLog } from './mod-log.ts';

export interface AutomodParts {
  readonly storage: Storage;
  readonly rooms: Pick<RoomCache, 'get'>;
  readonly clock: Clock;
  readonly log: ModLog;
  /** Words beside those that every server knows. */
  readonly more: readonly (AutomodTerm & { readonly patterns: readonly string[] })[];
}

const OFF: AutomodSettings = { levels: new Map(), action: 'hold' };

export class Automod {
  readonly #parts: AutomodParts;
  readonly #settings = new Map<string, AutomodSettings>();
  readonly #categories: ReadonlySet<string>;
  /** Made when the first channel wants it. */
  #matcher: TermMatcher<AutomodTerm> | undefined;

  constructor(parts: AutomodParts) {
    this.#parts = parts;
    this.#categories = new Set([...AUTOMOD_TERMS, ...parts.more].map(({ category }) => category));
  }

  async start(): Promise<void> {
    const rows = await this.#parts.storage.readArea(liveArea, (store) => store.automod());
    for (const { channel_id, levels, action } of rows) {
      // Categories that are gone are levels of nothing.
      this.#settings.set(channel_id, { levels: new Map(Object.entries(JSON.parse(levels) as object)), action });
    }
  }

  /** What is looked for in a channel; undefined: nothing. */
  viewOf({ channelId }: LiveRoom): AutomodView | undefined {
    const settings = this.#settings.get(channelId);
    if (!settings) return undefined;
    this.#matcher ??= automodMatcher([...AUTOMOD_TERMS, ...this.#parts.more]);
    return { settings, matcher: this.#matcher };
  }

  /** The levels of a channel, of every category. @throws M_FORBIDDEN */
  async get(by: string, live: LiveRoom): Promise<JsonObject> {
    await requireModerator(this.#parts.rooms, by, live);
    const { levels, action } = this.#settings.get(live.channelId) ?? OFF;
    const all = [...this.#categories].sort().map((category) => [category, levels.get(category) ?? 0] as const);
    return { levels: Object.fromEntries(all), action, highest: HIGHEST_LEVEL };
  }

  /** Sets the levels of all categories; those that are not named are 0. @throws M_FORBIDDEN, M_INVALID_PARAM */
  async set(by: string, live: LiveRoom, wanted: JsonObject, action: 'hold' | 'block'): Promise<void> {
    const { rooms, storage, clock, log } = this.#parts;
    await requireModerator(rooms, by, live);
    const levels = levelsIn(wanted, this.#categories);
    if (!levels) throw invalidParam(`levels: 0 to ${HIGHEST_LEVEL} of ${[...this.#categories].sort().join(', ')}`);
    const { channelId: channel_id } = live;
    const json = Object.fromEntries(levels);
    const set = log.entry(by, live, 'automod', undefined, { levels: json, action });
    set.add('live.automod.put', {
      ...{ channel_id, levels: JSON.stringify(json), action, by_user: by, changed_at: clock.now() },
    });
    set.onCommitted(() => {
      if (levels.size === 0) this.#settings.delete(channel_id);
      else this.#settings.set(channel_id, { levels, action });
    });
    await storage.commit(set);
  }
}
