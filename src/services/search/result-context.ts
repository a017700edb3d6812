import { stringIn } from '../../protocol/events/content-readers.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { EventPages } from '../history/event-pages.ts';
import type { EventPresenter, Viewer } from '../history/event-presenter.ts';
import type { EventSieve } from '../history/event-sieve.ts';
import type { LazyMembersOfPage } from '../history/lazy-members-of-page.ts';
import { pointBeyond } from '../history/messages.ts';
import { pageToken } from '../timeline/page-token.ts';
import type { Room } from '../timeline/room.ts';
import type { StoredEvent } from '../timeline/stored-event.ts';

/** How much around a result is asked for. */
export interface ContextChoice {
  readonly before: number;
  readonly after: number;
  readonly includeProfile: boolean;
}

export interface ResultContextParts {
  readonly pages: EventPages;
  readonly sieve: EventSieve;
  readonly presenter: EventPresenter;
  readonly members: LazyMembersOfPage;
}

/** Shows what was said around the results of a search. */
export class ResultContext {
  private readonly parts: ResultContextParts;

  constructor(parts: ResultContextParts) {
    this.parts = parts;
  }

  /** JSON of the `context` of a result. */
  async json(viewer: Viewer, room: Room, event: StoredEvent, choice: ContextChoice): Promise<string> {
    const { pages, sieve, presenter } = this.parts;
    const newest = Number.MAX_SAFE_INTEGER;
    const readBefore = choice.before === 0 ? [] : await pages.backwards(room, pointBeyond(event, 'b'), choice.before);
    const readAfter =
      choice.after === 0 ? [] : await pages.forwards(room, pointBeyond(event, 'f'), newest, choice.after);
    const before = await sieve.visible(room, viewer.userId, readBefore);
    const after = await sieve.visible(room, viewer.userId, readAfter);
    const shown = await presenter.present(viewer, room, [...before, ...after]);
    const start = pageToken(pointBeyond(readBefore.at(-1) ?? event, 'b'));
    const end = pageToken(pointBeyond(readAfter.at(-1) ?? event, 'f'));
    const profiles = choice.includeProfile ? await this.profiles(room, [event, ...before, ...after]) : undefined;
    return (
      `{"start":"${start}","end":"${end}","events_before":[${shown.slice(0, before.length).join(',')}],` +
      `"events_after":[${shown.slice(before.length).join(',')}]` +
      `${profiles ? `,"profile_info":${JSON.stringify(profiles)}` : ''}}`
    );
  }

  /** Names and pictures of the senders, as they were then. */
  private async profiles(room: Room, events: readonly StoredEvent[]): Promise<JsonObject> {
    const profiles = Object.create(null) as JsonObject;
    for (const member of await this.parts.members.of(room, events)) {
      const profile: JsonObject = {};
      const name = stringIn(member.content, 'displayname');
      const avatar = stringIn(member.content, 'avatar_url');
      if (name !== undefined) profile['displayname'] = name;
      if (avatar !== undefined) profile['avatar_url'] = avatar;
      profiles[member.stateKey!] = profile;
    }
    return profiles;
  }
}
