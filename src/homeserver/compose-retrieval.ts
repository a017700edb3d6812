/** Composes what other servers read of rooms. */
import type { EventPages } from '../services/history/event-pages.ts';
import type { PastStates } from '../services/history/past-states.ts';
import type { ServerVisibility } from '../services/history/server-visibility.ts';
import { PastEvents } from '../services/retrieval/past-events.ts';
import { PduTransactions } from '../services/retrieval/pdu-transactions.ts';
import { SingleEvents } from '../services/retrieval/single-events.ts';
import { StateAtEvents } from '../services/retrieval/state-at-events.ts';
import { AuthChains } from '../services/timeline/auth-chains.ts';
import type { RoomFoundations } from './compose-rooms.ts';

/** What tells about the past of rooms. */
export interface PastOfRooms {
  readonly past: PastStates;
  readonly pages: EventPages;
  readonly visibility: ServerVisibility;
}

export function composeRetrieval(
  { config, clock, storage, events, serverAccess: access }: RoomFoundations,
  { past, pages, visibility }: PastOfRooms,
) {
  const { limits } = config;
  const authChains = new AuthChains(storage);
  return {
    authChains,
    pduTransactions: new PduTransactions(config.serverName, clock),
    pastEvents: new PastEvents({ storage, events, access, pages, visibility, limits }),
    singleEvents: new SingleEvents({ storage, events, access, visibility, authChains }),
    stateAtEvents: new StateAtEvents({
      ...{ events, access, past, authChains },
      limits: {
        running: limits.stateRequests,
        waiting: limits.stateRequestsWaiting,
        perServer: limits.stateRequestsPerServer,
      },
    }),
  };
}
