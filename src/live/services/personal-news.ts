/** What concerns one person: services say it here, and the gateway listens. */
import type { HeldRow } from '../store/live-store.ts';
import { heldJson } from './held-messages.ts';
import type { LiveRoom } from './live-rooms.ts';

export interface PersonalListener {
  /** A frame for a user who watches a channel. */
  tell(userId: string, channelId: string, text: string): void;
  /** Where a user stands in a channel has changed. */
  recheck(userId: string, channelId: string): void;
}

export class PersonalNews {
  #listener: PersonalListener | undefined;

  listen(listener: PersonalListener): void {
    this.#listener = listener;
  }

  /** A message of somebody waits for moderators, or waits no more. */
  held({ channelId }: LiveRoom, row: HeldRow): void {
    const { hid, state } = heldJson(row);
    this.#listener?.tell(row.sender, channelId, JSON.stringify({ op: 'held', ch: channelId, hid, state }));
  }

  standing({ channelId }: LiveRoom, userId: string): void {
    this.#listener?.recheck(userId, channelId);
  }
}
