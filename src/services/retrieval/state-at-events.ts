import { limitExceeded, notFound, unknown } from '../../protocol/errors.ts';
import { EventKind } from '../../storage/contract/events.ts';
import { LimitedConcurrency } from '../../util/limited-concurrency.ts';
import type { PastStates } from '../history/past-states.ts';
import type { AuthChains, EventNids } from '../timeline/auth-chains.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import { demandWhole, type ServerAccess } from '../timeline/server-access.ts';

export interface StateAtEventsParts {
  readonly events: EventCache;
  readonly access: ServerAccess;
  readonly past: PastStates;
  readonly authChains: AuthChains;
  /** How many requests are worked on at once, may wait, and may be of one server. */
  readonly limits: { readonly running: number; readonly waiting: number; readonly perServer: number };
}

/** The state of a room before an event, and its auth chain. */
export interface StateAtEvent {
  readonly state: EventNids;
  readonly authChain: EventNids;
}

const EMPTY: StateAtEvent = { state: new Map(), authChain: new Map() };
const RETRY_MS = 1_000;

/**
 * The state of rooms at events, for other servers. In a large room that is tens of thousands of events, so that few of
 * these requests are worked on at the same time.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#retrieving-events
 */
export class StateAtEvents {
  private readonly parts: StateAtEventsParts;
  private readonly turns: LimitedConcurrency;
  private readonly asked = new Map<string, number>();

  constructor(parts: StateAtEventsParts) {
    this.parts = parts;
    this.turns = new LimitedConcurrency(parts.limits);
  }

  /**
   * The state before an event, without what the event changes.
   * @throws M_FORBIDDEN; M_NOT_FOUND if the event, or the state before it, is not known; M_LIMIT_EXCEEDED
   */
  async before(serverName: string, roomId: string, eventId: string): Promise<StateAtEvent> {
    const { access, events, past, authChains, limits } = this.parts;
    const room = await access.sharedRoom(serverName, roomId);
    demandWhole(room);
    const event = await events.byId(eventId, room);
    if (!event || event.kind === EventKind.outlier) throw notFound('The state at this event is not known');
    const layer = event.stateBefore;
    if (layer === undefined && event.type === 'm.room.create') return EMPTY;
    if (layer === undefined) throw notFound('The state at this event is not known');
    const asked = this.asked.get(serverName) ?? 0;
    if (asked >= limits.perServer) throw limitExceeded(RETRY_MS, 'Your server is asking for too much state at once');
    this.asked.set(serverName, asked + 1);
    try {
      return await this.turns.run(async () => authChains.ofState(room, await past.nids(layer)), tooMany);
    } finally {
      const left = (this.asked.get(serverName) ?? 1) - 1;
      if (left > 0) this.asked.set(serverName, left);
      else this.asked.delete(serverName);
    }
  }

  /** The JSON of events in batches. */
  texts(events: EventNids): AsyncIterable<string[]> {
    return this.parts.authChains.texts(events.values());
  }
}

function tooMany() {
  return unknown('Too many servers ask for state. Try again later.', { status: 503 });
}
