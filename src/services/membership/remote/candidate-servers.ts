import { stringIn } from '../../../protocol/events/content-readers.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import { isServerName, type ServerName } from '../../../protocol/identifiers/server-name.ts';
import { isJsonObject } from '../../../protocol/json.ts';
import type { EventCache } from '../../timeline/event-cache.ts';
import type { UserRoom, UserRooms } from '../user-rooms.ts';

/** Knows which servers may be in a room that this one is not in. */
export class CandidateServers {
  private readonly userRooms: UserRooms;
  private readonly events: EventCache;
  private readonly serverName: string;
  private readonly max: number;

  /** @param settings how many servers are asked for one request */
  constructor(userRooms: UserRooms, events: EventCache, serverName: string, settings: { membershipServers: number }) {
    this.userRooms = userRooms;
    this.events = events;
    this.serverName = serverName;
    this.max = settings.membershipServers;
  }

  /**
   * The servers to ask about a room, each once: that of whoever has invited the user, those given, and those of whom an
   * invite or the answer to a knock tells. Without any, there is still the one in the room's id.
   */
  async of(userId: string, roomId: string, given: readonly string[] = []): Promise<ServerName[]> {
    const userRoom = (await this.userRooms.of(userId)).get(roomId);
    const inviter = userRoom?.membership === 'invite' ? await this.inviterServer(userRoom) : undefined;
    const all = new Set([inviter, ...given, ...serversIn(userRoom?.strippedState)]);
    const others = [...all].filter(isServerName).filter((server) => server !== this.serverName);
    const found = others.length > 0 ? others : [serverOf(roomId)].filter((server) => server !== this.serverName);
    return found.filter(isServerName).slice(0, this.max);
  }

  private async inviterServer({ eventNid, roomId }: UserRoom): Promise<string | undefined> {
    const invite = (await this.events.byNids([eventNid], { id: roomId })).get(eventNid);
    return invite && serverOf(invite.sender);
  }
}

/** The servers of those who have set the state that identifies a room. */
function serversIn(strippedState: string | undefined): (string | undefined)[] {
  const events: unknown = strippedState === undefined ? [] : JSON.parse(strippedState);
  if (!Array.isArray(events)) return [];
  return events.map((event: unknown) => {
    const sender = isJsonObject(event) ? stringIn(event, 'sender') : undefined;
    return sender === undefined ? undefined : serverOf(sender);
  });
}
