import { relationIn } from '../../protocol/events/relations.ts';
import { isJsonObject } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import type { Clock } from '../../util/clock.ts';
import type { IgnoredUsers } from '../history/event-sieve.ts';
import type { HistoryVisibility } from '../history/history-visibility.ts';
import { clientEventJson } from '../timeline/client-event-json.ts';
import type { EventCache } from '../timeline/event-cache.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import type { RelatedEvents } from './related-events.ts';
import type { ThreadSummary, Threads } from './threads.ts';

/** References told with one page at most. */
const MAX_REFERENCES = 1_000;

export interface BundlesParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly clock: Clock;
  readonly related: RelatedEvents;
  readonly threads: Threads;
  readonly visibility: HistoryVisibility;
  readonly ignored: IgnoredUsers;
}

/** For whom, and of which room, events are bundled. */
interface Scope {
  readonly room: Room;
  readonly userId: string;
  readonly now: number;
  readonly ignored: ReadonlySet<string>;
}

/**
 * What events bring along of those that relate to them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#aggregations-of-child-events
 */
export class Bundles {
  private readonly parts: BundlesParts;

  constructor(parts: BundlesParts) {
    this.parts = parts;
  }

  /** The members of `m.relations` of those events that have any, by event id. All are of one room. */
  async bundles(room: Room, userId: string, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, string>> {
    const bundles = new Map<string, string>();
    const types = await this.parts.related.types(room, events);
    if (types.size === 0) return bundles;
    const ignored = await this.parts.ignored.ignoredUsers(userId);
    const scope: Scope = { room, userId, now: this.parts.clock.now(), ignored };
    const having = (type: string) =>
      [...types].filter(([event, its]) => its.has(type) && !event.redactedBy).map(([event]) => event);
    const add = (eventId: string, member: string) => {
      const known = bundles.get(eventId);
      bundles.set(eventId, known === undefined ? member : `${known},${member}`);
    };
    for (const [eventId, edit] of await this.edits(scope, having('m.replace'))) {
      add(eventId, `"m.replace":${shown(edit, scope)}`);
    }
    for (const [eventId, ids] of await this.references(scope, having('m.reference'))) {
      add(eventId, `"m.reference":{"chunk":[${ids.map((id) => `{"event_id":${JSON.stringify(id)}}`).join(',')}]}`);
    }
    await this.addThreads(scope, having('m.thread'), add);
    return bundles;
  }

  /** The newest valid edit of each event. Source: https://spec.matrix.org/v1.19/client-server-api/#validity-of-replacement-events */
  private async edits(scope: Scope, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, StoredEvent>> {
    const found = new Map<string, StoredEvent>();
    const editable = events.filter(isEditable).map((event) => event.eventId);
    if (editable.length === 0) return found;
    const rows = await this.parts.storage.read((tx) => tx.relations.latestEdits(scope.room.nid, editable));
    for (const row of rows) {
      const edit = this.parts.events.ofRow(row, scope.room.id);
      if (hasNewContent(edit) && !scope.ignored.has(edit.sender)) found.set(row.relates_to, edit);
    }
    return this.unhidden(scope, await this.visible(scope, found));
  }

  private async references(scope: Scope, events: readonly StoredEvent[]): Promise<ReadonlyMap<string, string[]>> {
    const found = new Map<string, string[]>();
    if (events.length === 0) return found;
    const ids = events.map((event) => event.eventId);
    const { storage } = this.parts;
    const rows = await storage.read((tx) => tx.relations.references(scope.room.nid, ids, MAX_REFERENCES));
    for (const { relates_to, event_id, sender } of rows) {
      if (scope.ignored.has(sender)) continue;
      const known = found.get(relates_to);
      if (known) known.push(event_id);
      else found.set(relates_to, [event_id]);
    }
    return found;
  }

  private async addThreads(
    scope: Scope,
    roots: readonly StoredEvent[],
    add: (eventId: string, member: string) => void,
  ): Promise<void> {
    if (roots.length === 0) return;
    const { room, userId, ignored } = scope;
    const ids = roots.map((root) => root.eventId);
    const summaries = await this.visibleThreads(scope, await this.parts.threads.of(room, ids, ignored));
    const participated = await this.parts.threads.participated(room, userId, roots);
    const latest = [...summaries.values()].map((summary) => summary.latest);
    const types = await this.parts.related.types(room, latest);
    const edited = latest.filter((event) => types.get(event)?.has('m.replace'));
    const edits = await this.edits(scope, edited);
    const copies = await this.parts.visibility.shown(room, userId, latest);
    const copyOf = new Map(latest.map((event, index) => [event, copies[index] ?? event]));
    for (const [root, { count, latest }] of summaries) {
      const edit = edits.get(latest.eventId);
      const bundle = edit && `"m.replace":${shown(edit, scope)}`;
      add(
        root,
        `"m.thread":{"latest_event":${shown(copyOf.get(latest) ?? latest, scope, bundle)},"count":${count},` +
          `"current_user_participated":${participated.has(root)}}`,
      );
    }
  }

  private async visibleThreads(
    scope: Scope,
    summaries: ReadonlyMap<string, ThreadSummary>,
  ): Promise<ReadonlyMap<string, ThreadSummary>> {
    const latest = new Map([...summaries].map(([root, summary]) => [root, summary.latest]));
    const visible = await this.visible(scope, latest);
    return new Map([...summaries].filter(([root]) => visible.has(root)));
  }

  /** Those that are shown to the user as they are. */
  private async unhidden<K>(scope: Scope, events: ReadonlyMap<K, StoredEvent>): Promise<ReadonlyMap<K, StoredEvent>> {
    if (events.size === 0) return events;
    const shown = new Set(await this.parts.visibility.shown(scope.room, scope.userId, [...events.values()]));
    return new Map([...events].filter(([, event]) => shown.has(event)));
  }

  /** Those that the user may see: who has left does not learn what came after. */
  private async visible<K>(scope: Scope, events: ReadonlyMap<K, StoredEvent>): Promise<ReadonlyMap<K, StoredEvent>> {
    if (events.size === 0) return events;
    const seen = await this.parts.visibility.filter(scope.room, scope.userId, [...events.values()]);
    if (seen.length === events.size) return events;
    return new Map([...events].filter(([, event]) => seen.includes(event)));
  }
}

function shown(event: StoredEvent, { now, userId }: Scope, bundle?: string): string {
  return clientEventJson(event, { now, userId, deviceId: undefined, bundle });
}

/** State and edits themselves cannot be edited. */
function isEditable(event: StoredEvent): boolean {
  return event.stateKey === undefined && relationIn(event.content)?.relType !== 'm.replace';
}

/** Of an encrypted edit, only clients know. */
function hasNewContent({ type, content }: StoredEvent): boolean {
  return type === 'm.room.encrypted' || isJsonObject(content['m.new_content']);
}
