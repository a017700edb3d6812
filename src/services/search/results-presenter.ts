import { stringIn } from '../../protocol/events/content-readers.ts';
import type { SearchPoint, TextPhrase } from '../../storage/contract/search.ts';
import type { EventPresenter, Viewer } from '../history/event-presenter.ts';
import type { RoomStates } from '../history/room-states.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';
import { highlightsOf } from './highlights.ts';
import type { ContextChoice, ResultContext } from './result-context.ts';
import { formatSearchToken } from './search-token.ts';

export interface FoundEvent {
  readonly room: Room;
  readonly event: StoredEvent;
  readonly point: SearchPoint;
}

/** What a search has found. */
export interface Found {
  readonly events: readonly FoundEvent[];
  /** Hits in all, whether the user may see them or not. */
  readonly total: number;
  /** Where to go on; undefined at the end. */
  readonly next: SearchPoint | undefined;
}

export interface PresentationChoice {
  /** Whether the score of a result says how well it fits. */
  readonly isRanked: boolean;
  readonly phrases: readonly TextPhrase[];
  readonly context: ContextChoice | undefined;
  readonly includeState: boolean;
  readonly groupBy: readonly ('room_id' | 'sender')[];
  /** The group that was searched, if only one was. */
  readonly group: { readonly roomId?: string | undefined; readonly sender?: string | undefined } | undefined;
}

/** Shows what a search has found. */
export class ResultsPresenter {
  private readonly events: EventPresenter;
  private readonly contexts: ResultContext;
  private readonly states: RoomStates;

  constructor(events: EventPresenter, contexts: ResultContext, states: RoomStates) {
    this.events = events;
    this.contexts = contexts;
    this.states = states;
  }

  async json(viewer: Viewer, found: Found, choice: PresentationChoice): Promise<string> {
    const { events, total, next } = found;
    const texts = events.map(({ event }) => textOf(event));
    let out = `{"search_categories":{"room_events":{"count":${total}`;
    out += `,"highlights":${JSON.stringify(highlightsOf(texts, choice.phrases))}`;
    out += `,"results":[${(await this.results(viewer, events, choice)).join(',')}]`;
    if (next) {
      const { roomId, sender } = choice.group ?? {};
      out += `,"next_batch":"${formatSearchToken({ after: next, roomId, sender })}"`;
    }
    if (choice.includeState) out += `,"state":{${await this.stateMembers(viewer, events)}}`;
    if (choice.groupBy.length > 0) out += `,"groups":${JSON.stringify(groupsOf(found, choice))}`;
    return `${out}}}}`;
  }

  private async results(viewer: Viewer, found: readonly FoundEvent[], { context, isRanked }: PresentationChoice) {
    const shown = await this.present(viewer, found);
    const out: string[] = [];
    for (const { room, event, point } of found) {
      const around = context ? `,"context":${await this.contexts.json(viewer, room, event, context)}` : '';
      // In the order of time none fits better than another.
      const rank = isRanked ? point.score : 1;
      out.push(`{"rank":${rank},"result":${shown.get(event.nid)}${around}}`);
    }
    return out;
  }

  /** JSON of the events by their numbers; those of a room together. */
  private async present(viewer: Viewer, found: readonly FoundEvent[]): Promise<Map<number, string>> {
    const shown = new Map<number, string>();
    for (const room of new Set(found.map((one) => one.room))) {
      const events = found.filter((one) => one.room === room).map(({ event }) => event);
      const texts = await this.events.present(viewer, room, events);
      events.forEach((event, i) => {
        shown.set(event.nid, texts[i]!);
      });
    }
    return shown;
  }

  private async stateMembers(viewer: Viewer, found: readonly FoundEvent[]): Promise<string> {
    const members: string[] = [];
    for (const roomId of new Set(found.map(({ room }) => room.id))) {
      const { events } = await this.states.whole(viewer.userId, roomId);
      members.push(`${JSON.stringify(roomId)}:${this.events.stateJson(viewer, events)}`);
    }
    return members.join(',');
  }
}

function textOf({ content }: StoredEvent): string {
  return stringIn(content, 'body') ?? stringIn(content, 'name') ?? stringIn(content, 'topic') ?? '';
}

interface Group {
  results: string[];
  readonly order: number;
  next_batch?: string;
}

/** By key, then by room or sender, in the order of the first result of each. */
function groupsOf({ events, next }: Found, { groupBy, group }: PresentationChoice) {
  const groups = Object.create(null) as Record<string, Record<string, Group>>;
  for (const key of groupBy) {
    const members = Object.create(null) as Record<string, Group>;
    for (const { room, event, point } of events) {
      const name = key === 'room_id' ? room.id : event.sender;
      members[name] ??= { results: [], order: Object.keys(members).length + 1 };
      members[name].results.push(event.eventId);
      const only =
        key === 'room_id' ? { roomId: name, sender: group?.sender } : { roomId: group?.roomId, sender: name };
      if (next) members[name].next_batch = formatSearchToken({ after: point, ...only });
    }
    groups[key] = members;
  }
  return groups;
}
