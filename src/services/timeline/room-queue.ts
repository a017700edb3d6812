import { unknown } from '../../protocol/errors.ts';
import { Answers } from './ask-first.ts';

declare const turn: unique symbol;

/** The proof that it is its holder's turn to decide for a room. Not to be kept after the function it was given to. */
export interface RoomTurn {
  readonly roomId: string;
  /** What has been asked for the change whose turn it is. */
  readonly answers: Answers;
  readonly [turn]: true;
}

/**
 * One queue per room: deciders take turns. Whoever has the turn gathers, decides and hands over to the committer; the
 * wait for the commit comes after the turn, and so does anything that waits for a network or a timer.
 */
export class RoomQueue {
  private readonly rooms = new Map<string, (() => void)[]>();
  private readonly maxWaiting: number;

  constructor(maxWaiting: number) {
    this.maxWaiting = maxWaiting;
  }

  /** Whether somebody has the room's turn or waits for it. */
  isBusy(roomId: string): boolean {
    return this.rooms.has(roomId);
  }

  /**
   * @param answers of a change that is decided in more than one turn
   * @throws M_UNKNOWN 503 if too many wait already.
   */
  async run<T>(roomId: string, fn: (turn: RoomTurn) => Promise<T>, answers = new Answers()): Promise<T> {
    const waiting = this.rooms.get(roomId);
    if (waiting) {
      if (waiting.length >= this.maxWaiting) {
        throw unknown('Too many requests wait for this room. Try again later.', { status: 503 });
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      this.rooms.set(roomId, []);
    }
    try {
      return await fn({ roomId, answers } as RoomTurn);
    } finally {
      const next = this.rooms.get(roomId)!;
      const first = next.shift();
      if (first) first();
      else this.rooms.delete(roomId);
    }
  }
}
