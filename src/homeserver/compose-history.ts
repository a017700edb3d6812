/** Composes what shows rooms and their past to those who may see them. */

import type { FederationClient } from '../federation/signed-client/federation-client.ts';
import { ErasedUsers } from '../services/accounts/erased-users.ts';
import { HierarchyForServers } from '../services/directory/hierarchy-for-servers.ts';
import { NetworkRooms } from '../services/directory/network-rooms.ts';
import { PublicRooms } from '../services/directory/public-rooms.ts';
import { RemoteHierarchy } from '../services/directory/remote-hierarchy.ts';
import { RemotePublicRooms } from '../services/directory/remote-public-rooms.ts';
import { RoomPreviews } from '../services/directory/room-previews.ts';
import { RoomSummaries } from '../services/directory/room-summaries.ts';
import { SpaceHierarchy } from '../services/directory/space-hierarchy.ts';
import { ErasedEvents } from '../services/history/erased-events.ts';
import { EventByTime } from '../services/history/event-by-time.ts';
import { EventByTimeElsewhere } from '../services/history/event-by-time-elsewhere.ts';
import { EventLookup } from '../services/history/event-lookup.ts';
import { EventPages, type PagesBefore } from '../services/history/event-pages.ts';
import { EventPresenter } from '../services/history/event-presenter.ts';
import { EventSieve } from '../services/history/event-sieve.ts';
import { HistoryVisibility } from '../services/history/history-visibility.ts';
import { LazyMembersOfPage } from '../services/history/lazy-members-of-page.ts';
import { Messages } from '../services/history/messages.ts';
import { PastStates } from '../services/history/past-states.ts';
import { RoomAccess } from '../services/history/room-access.ts';
import { RoomStates } from '../services/history/room-states.ts';
import { ServerVisibility } from '../services/history/server-visibility.ts';
import { StateHistories } from '../services/history/state-histories.ts';
import { Bundles } from '../services/relations/bundles.ts';
import { RelatedEvents } from '../services/relations/related-events.ts';
import { RelationPages } from '../services/relations/relation-pages.ts';
import { ThreadList } from '../services/relations/thread-list.ts';
import { Threads } from '../services/relations/threads.ts';
import { RetentionPolicy } from '../services/retention/retention-policy.ts';
import { MessageSearch } from '../services/search/message-search.ts';
import { ResultContext } from '../services/search/result-context.ts';
import { ResultsPresenter } from '../services/search/results-presenter.ts';
import { SearchIndex } from '../services/search/search-index.ts';
import { EventTransactions } from '../services/timeline/event-transactions.ts';
import type { LayerCache } from '../services/timeline/layer-cache.ts';
import type { RemoteRooms } from '../services/timeline/receive-pdu/remote-room.ts';
import { composeRetrieval } from './compose-retrieval.ts';
import type { RoomFoundations } from './compose-rooms.ts';

/** What is built on rooms, and may ask other servers for theirs. */
export type HistoryFoundations = RoomFoundations & {
  readonly federationClient: FederationClient;
  readonly layers: LayerCache;
  readonly backfill: PagesBefore;
  readonly remoteRooms: RemoteRooms;
};

export function composeHistory(on: HistoryFoundations) {
  const { config, clock, storage, events, rooms, notices, accountData: ignored } = on;
  const { pageMax, pastStateEntries: entries, relationCacheEntries } = config.limits;
  const limits = { pageMax };
  const { serverName } = config;
  const retentionPolicy = new RetentionPolicy(config.retention, clock);
  const histories = new StateHistories(storage, events, notices, { entries });
  const past = new PastStates(storage, events, on.layers);
  const users = new ErasedUsers(storage, notices, on.isLocal, { users: config.limits.sessionCacheEntries });
  const erased = new ErasedEvents(storage, users, histories);
  const visibility = new HistoryVisibility(histories, past, erased, retentionPolicy);
  const transactions = new EventTransactions(storage, clock, config.idempotency.window);
  const related = new RelatedEvents(storage, events, notices, { rooms: relationCacheEntries });
  const threads = new Threads(storage, events, notices, { threads: relationCacheEntries });
  const relations = new Bundles({ storage, events, clock, related, threads, visibility, ignored });
  const access = new RoomAccess(rooms, on.userRooms, histories);
  const roomStates = new RoomStates(access, past, histories, on.fullStates);
  const eventPresenter = new EventPresenter({ clock, transactions, visibility, bundler: relations });
  const pages = new EventPages(storage, events, on.backfill);
  const sieve = new EventSieve(storage, visibility, ignored);
  const members = new LazyMembersOfPage(storage, events);
  const messages = new Messages({ storage, access, pages, sieve, presenter: eventPresenter, members, limits });
  const eventLookup = new EventLookup({
    rooms,
    events,
    visibility,
    pages,
    sieve,
    states: roomStates,
    members,
    presenter: eventPresenter,
    limits,
  });
  const serverVisibility = new ServerVisibility(histories, past, erased);
  const { serverAccess } = on;
  const elsewhere = new EventByTimeElsewhere({ events, remote: on.remoteRooms, backfill: on.backfill, serverName });
  const eventByTime = new EventByTime({
    ...{ storage, pages, access, visibility, serverAccess, serverVisibility, elsewhere },
  });
  const shown = { storage, events, sieve, presenter: eventPresenter, limits };
  const relationPages = new RelationPages({ ...shown, lookup: eventLookup });
  const threadList = new ThreadList({ ...shown, access, threads, ignored });
  const settings = { ...config.limits, ...config.search };
  const searchIndex = new SearchIndex(storage, notices, settings);
  const resultContext = new ResultContext({ pages, sieve, presenter: eventPresenter, members });
  const messageSearch = new MessageSearch({
    ...{ storage, rooms, events, userRooms: on.userRooms, sieve, settings },
    index: searchIndex,
    presenter: new ResultsPresenter(eventPresenter, resultContext, roomStates),
  });
  return {
    ...composeDirectory(on),
    searchIndex,
    messageSearch,
    relationPages,
    threadList,
    ...composeRetrieval(on, { past, pages, visibility: serverVisibility }),
    eventByTime,
    visibility,
    retentionPolicy,
    roomAccess: access,
    transactions,
    relations,
    roomStates,
    eventPresenter,
    messages,
    eventLookup,
  };
}

function composeDirectory(on: HistoryFoundations) {
  const { config, clock, storage, rooms, events, notices, federationClient, serverAccess: access } = on;
  const { serverName, limits } = config;
  const { publishToDirectory } = config.rooms;
  const summaries = new RoomSummaries({ storage, rooms, events, notices }, { summaries: limits.roomSummaries });
  const { publicRooms: listToServers } = config.federation;
  const settings = { serverName, publishToDirectory, pageMax: limits.pageMax, listToServers };
  const remote = new RemotePublicRooms(federationClient, config.federation);
  const remoteHierarchy = new RemoteHierarchy(federationClient, clock, config.federation);
  const roomPreviews = new RoomPreviews(rooms, summaries, remoteHierarchy, { serverName, fullStates: on.fullStates });
  const shown = { rooms, previews: roomPreviews, summaries, serverName };
  return {
    publicRooms: new PublicRooms({ storage, rooms, summaries, remote, settings }),
    networkRooms: new NetworkRooms(storage, rooms),
    roomPreviews,
    hierarchyForServers: new HierarchyForServers({ ...shown, access, most: config.federation.hierarchyChildren }),
    spaceHierarchy: new SpaceHierarchy(
      { ...shown, clock, remote: remoteHierarchy, fullStates: on.fullStates },
      { pageMax: limits.hierarchyPageMax, rooms: limits.hierarchyRooms, budget: config.federation.hierarchyBudget },
    ),
  };
}
