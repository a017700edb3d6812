import type { FederationClient } from '../../federation/signed-client/federation-client.ts';
import { isRemoteFailure } from '../../federation/signed-client/unanswered.ts';
import { uri, withQuery } from '../../federation/signed-client/uri.ts';
import { isServerName, type ServerName } from '../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../protocol/json.ts';
import type { Clock } from '../../util/clock.ts';
import { Lru } from '../../util/lru.ts';
import type { RoomSummary } from './room-summary.ts';
import { type SpaceChild, toldChildren } from './space-children.ts';
import { toldSummary } from './told-summary.ts';

/** A room that this server is not in, as another one tells it. */
export interface ToldRoom {
  readonly summary: RoomSummary;
  readonly children: readonly SpaceChild[];
  /** What the server told of the children that are rooms without children. */
  readonly leaves: ReadonlyMap<string, RoomSummary>;
  /** Children that nobody of this server may see. */
  readonly inaccessible: ReadonlySet<string>;
}

export interface RemoteHierarchySettings {
  readonly queryTimeout: number;
  /** For how long an answer is taken for true, in milliseconds. */
  readonly hierarchyLifetime: number;
  readonly hierarchyCacheEntries: number;
  /** Children of one space that are taken from an answer. */
  readonly hierarchyChildren: number;
}

interface Asked {
  readonly until: number;
  readonly answer: Promise<ToldRoom | undefined>;
}

/** Servers that are asked for one room. */
const MOST_SERVERS = 3;
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks other servers for spaces that this one is not in. */
export class RemoteHierarchy {
  private readonly client: FederationClient;
  private readonly clock: Clock;
  private readonly settings: RemoteHierarchySettings;
  private readonly asked: Lru<string, Asked>;

  constructor(client: FederationClient, clock: Clock, settings: RemoteHierarchySettings) {
    this.client = client;
    this.clock = clock;
    this.settings = settings;
    this.asked = new Lru({ max: settings.hierarchyCacheEntries });
  }

  /** What the first of these servers tells that knows the room; undefined if none does. */
  find(roomId: string, via: readonly string[], suggestedOnly: boolean): Promise<ToldRoom | undefined> {
    const servers = [...new Set(via)].filter(isServerName).slice(0, MOST_SERVERS);
    // By those who were asked: nobody can make others believe a server of their own choice.
    const key = JSON.stringify([suggestedOnly, roomId, ...servers]);
    const now = this.clock.now();
    const known = this.asked.get(key);
    if (known !== undefined && known.until > now) return known.answer;
    const asked: Asked = {
      until: now + this.settings.hierarchyLifetime,
      answer: this.ask(roomId, servers, suggestedOnly),
    };
    this.asked.set(key, asked);
    const forget = () => {
      if (this.asked.get(key) === asked) this.asked.delete(key);
    };
    // Who is shown nothing may be shown the room as soon as somebody has joined another one.
    asked.answer.then((told) => (told ? undefined : forget()), forget);
    return asked.answer;
  }

  private async ask(
    roomId: string,
    servers: readonly ServerName[],
    suggestedOnly: boolean,
  ): Promise<ToldRoom | undefined> {
    for (const server of servers) {
      try {
        const told = this.read(await this.askOne(server, roomId, suggestedOnly), roomId, suggestedOnly);
        if (told) return told;
      } catch (error) {
        // The next one may know.
        if (!isRemoteFailure(error)) throw error;
      }
    }
    return undefined;
  }

  /** Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1hierarchyroomid */
  private askOne(destination: ServerName, roomId: string, suggestedOnly: boolean): Promise<JsonObject> {
    return this.client.ask({
      destination,
      method: 'GET',
      uri: withQuery(uri`/_matrix/federation/v1/hierarchy/${roomId}`, { suggested_only: suggestedOnly }),
      timeoutMs: this.settings.queryTimeout,
      maxBytes: MAX_BYTES,
    });
  }

  private read(answer: JsonObject, roomId: string, suggestedOnly: boolean): ToldRoom | undefined {
    const { room, children, inaccessible_children: inaccessible } = answer;
    const summary = toldSummary(room);
    if (!isJsonObject(room) || summary?.room_id !== roomId) return undefined;
    const most = this.settings.hierarchyChildren;
    const isSpace = summary.room_type === 'm.space';
    const events = isSpace ? toldChildren(room['children_state'], suggestedOnly, most) : [];
    const wanted = new Set(events.map((child) => child.roomId));
    const leaves = new Map<string, RoomSummary>();
    for (const child of Array.isArray(children) ? children.slice(0, most) : []) {
      const told = toldSummary(child);
      if (told && told.room_type !== 'm.space' && wanted.has(told.room_id)) leaves.set(told.room_id, told);
    }
    const hidden = Array.isArray(inaccessible) ? inaccessible.filter((id) => wanted.has(String(id))).map(String) : [];
    return { summary, children: events, leaves, inaccessible: new Set(hidden) };
  }
}
