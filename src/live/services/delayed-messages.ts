/**
 * Messages that wait for the delay of their channel: moderators see them at once, and may take them out before anybody
 * else does. None is an event yet, so that what is taken out was never said.
 */
import { stringIn } from '../../protocol/events/content-readers.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Candidate } from '../../services/admission/admission.ts';
import type { Clock } from '../../util/clock.ts';
import type { Random } from '../../util/random.ts';
import type { LiveRoom } from './live-rooms.ts';

export interface DelayedMessagesParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Messages of a channel that may wait at a time. */
  readonly max: number;
  /** Tells the moderators. */
  readonly tell: (live: LiveRoom, fields: JsonObject) => void;
}

/** A message that waits. */
export interface Delayed {
  readonly hid: string;
  readonly sender: string;
  /** Resolves as soon as somebody has decided. */
  readonly decided: Promise<void>;
  /** Ends the waiting; whether it was taken out. */
  finish(): boolean;
}

interface Waiting extends Delayed {
  decide(state: 'allowed' | 'denied'): void;
}

export class DelayedMessages {
  readonly #parts: DelayedMessagesParts;
  readonly #waiting = new Map<string, Map<string, Waiting>>();

  constructor(parts: DelayedMessagesParts) {
    this.#parts = parts;
  }

  /** Undefined where too many wait already. */
  begin(live: LiveRoom, { sender, content }: Candidate, ms: number): Delayed | undefined {
    const { clock, random, max, tell } = this.#parts;
    const all = this.#waiting.get(live.channelId) ?? new Map<string, Waiting>();
    if (all.size >= max) return undefined;
    this.#waiting.set(live.channelId, all);
    const hid = random.token(16);
    let state: 'pending' | 'allowed' | 'denied' = 'pending';
    let wake: () => void = () => undefined;
    const decided = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const waiting: Waiting = {
      ...{ hid, sender, decided },
      decide(now) {
        state = now;
        wake();
      },
      finish: () => {
        const isFirst = all.delete(hid);
        if (all.size === 0 && this.#waiting.get(live.channelId) === all) this.#waiting.delete(live.channelId);
        if (isFirst) tell(live, { hid, state: state === 'denied' ? 'denied' : 'shown' });
        return state === 'denied';
      },
    };
    all.set(hid, waiting);
    const shown = isJsonObject(content['m.new_content']) ? content['m.new_content'] : content;
    const now = clock.now();
    tell(live, {
      hid,
      state: 'pending',
      user: sender,
      body: stringIn(shown, 'body') ?? '',
      ts: now,
      expires: now + ms,
    });
    return waiting;
  }

  /** Whose message it is that waits under this name. */
  senderOf({ channelId }: LiveRoom, hid: string): string | undefined {
    return this.#waiting.get(channelId)?.get(hid)?.sender;
  }

  /** Shows a message at once, or takes it out. */
  decide({ channelId }: LiveRoom, hid: string, state: 'allowed' | 'denied'): void {
    this.#waiting.get(channelId)?.get(hid)?.decide(state);
  }

  /** Takes out all that wait, or those of a user. */
  deny({ channelId }: LiveRoom, userId?: string): void {
    for (const each of [...(this.#waiting.get(channelId)?.values() ?? [])]) {
      if (userId === undefined || each.sender === userId) each.decide('denied');
    }
  }
}
