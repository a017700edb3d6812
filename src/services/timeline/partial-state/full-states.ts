import { unknown } from '../../../protocol/errors.ts';
import type { Clock } from '../../../util/clock.ts';
import type { NoticeBoard } from '../../events.ts';
import type { RoomCache } from '../room-cache.ts';

export interface FullStatesParts {
  readonly rooms: RoomCache;
  readonly notices: NoticeBoard;
  readonly clock: Clock;
  readonly settings: {
    /** Milliseconds that somebody waits for the state of a room. */
    readonly fullStateWait: number;
  };
}

/** Lets those wait who need all of a room's state, of rooms of which not all of it is here yet. */
export class FullStates {
  private readonly parts: FullStatesParts;
  private readonly waiting = new Map<string, { readonly full: Promise<void>; readonly resolve: () => void }>();

  constructor(parts: FullStatesParts) {
    this.parts = parts;
    parts.notices.on('roomFull', ({ roomId }) => {
      this.waiting.get(roomId)?.resolve();
      this.waiting.delete(roomId);
    });
  }

  /** Resolves when all of the room's state is here, at once if there is no such room. @throws M_UNKNOWN 504 */
  async of(roomId: string): Promise<void> {
    if (!(await this.arrive(roomId))) {
      throw unknown('It is not known yet who is in the room. Try again in a while.', { status: 504 });
    }
  }

  /**
   * The same for those who can do without: answers whether all of it is here.
   * @param most milliseconds that they wait at most
   */
  async arrive(roomId: string, most = this.parts.settings.fullStateWait): Promise<boolean> {
    const { rooms, clock, settings } = this.parts;
    const room = rooms.peek(roomId) ?? (await rooms.get(roomId));
    if (!room?.partial) return true;
    const wait = Math.min(most, settings.fullStateWait);
    if (wait <= 0) return false;
    return new Promise((resolve) => {
      const cancel = clock.after(wait, () => resolve(false));
      void this.full(roomId).then(() => {
        cancel();
        resolve(true);
      });
    });
  }

  private full(roomId: string): Promise<void> {
    const known = this.waiting.get(roomId);
    if (known) return known.full;
    let resolve: () => void = () => undefined;
    const full = new Promise<void>((done) => {
      resolve = done;
    });
    this.waiting.set(roomId, { full, resolve });
    return full;
  }
}
