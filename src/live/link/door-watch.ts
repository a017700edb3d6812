/**
 * The order of a channel says who may watch before it has what is said to them, and does so while there is no link to the
 * server, too.
 */
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { FeedObserver } from '../hub/channel-feed.ts';
import type { NumberedEntry } from '../hub/entry.ts';
import { parseChannelState, type ViewersMode } from '../rules/channel-state.ts';

export class DoorWatch implements FeedObserver {
  readonly #onSaid: (viewers: ViewersMode) => void;

  constructor(onSaid: (viewers: ViewersMode) => void) {
    this.#onSaid = onSaid;
  }

  entered(entries: readonly NumberedEntry[]): void {
    const session = entries.findLast(({ kind }) => kind === 'ss');
    if (!session) return;
    const { content } = JSON.parse(session.fields) as JsonObject;
    this.#onSaid(parseChannelState(isJsonObject(content) ? content : undefined).viewers);
  }
}
