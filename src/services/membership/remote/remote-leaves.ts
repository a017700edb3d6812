import { buildEvent, type EventSigner } from '../../../protocol/events/build-event.ts';
import { referenceTo } from '../../../protocol/events/event-reference.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import { roomVersion } from '../../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../protocol/room-versions/rules.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import { canonical } from '../../timeline/canonical.ts';
import type { EventCache } from '../../timeline/event-cache.ts';
import type { StoredEvent } from '../../timeline/stored-event.ts';
import type { UserRoom } from '../user-rooms.ts';
import type { CandidateServers } from './candidate-servers.ts';
import type { CompletedEvent, Handshake } from './handshake.ts';
import type { OutsideMemberships } from './outside-memberships.ts';
import { tryServers } from './try-servers.ts';

export interface RemoteLeavesParts {
  readonly storage: Storage;
  readonly events: EventCache;
  readonly handshake: Handshake;
  readonly candidates: CandidateServers;
  readonly outside: OutsideMemberships;
  readonly signer: EventSigner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: { readonly leaveBudget: number };
}

/** Rejects invites and takes back knocks of rooms that this server is not in. */
export class RemoteLeaves {
  private readonly parts: RemoteLeavesParts;

  constructor(parts: RemoteLeavesParts) {
    this.parts = parts;
  }

  /**
   * Leaves, by the help of a server that is in the room if one can be reached. If not, the user has left all the same:
   * nobody has to keep an invite because a server is away.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#leaving-rooms-rejecting-invites
   */
  async leave(userId: string, userRoom: UserRoom, content: JsonObject): Promise<void> {
    const { events, outside, storage } = this.parts;
    const { roomId, eventNid, roomNid } = userRoom;
    const [row] = await storage.read((tx) => tx.rooms.byNids([roomNid]));
    const rules = row && roomVersion(row.version);
    const present = (await events.byNids([eventNid], { id: roomId })).get(eventNid);
    if (!rules || !present) throw new Error('a membership is without its room or its event');
    const told = await this.tell(userId, roomId, content);
    const built = told?.built ?? this.leaveUntold(rules, userId, content, present);
    await outside.put({
      ...{ roomId, rules: told?.rules ?? rules, userId, membership: 'leave', event: built, strippedState: undefined },
    });
  }

  private async tell(userId: string, roomId: string, content: JsonObject): Promise<CompletedEvent | undefined> {
    const { candidates, clock, handshake, logger, settings } = this.parts;
    const wished = { roomId, userId, membership: 'leave' } as const;
    try {
      const servers = await candidates.of(userId, roomId);
      const options = { clock, logger, budgetMs: settings.leaveBudget, what: 'a leave' };
      return await tryServers(
        servers,
        async (server, left) => {
          const completed = await handshake.complete(server, wished, content, left);
          await handshake.submit(server, 'v2/send_leave', roomId, completed, left);
          return completed;
        },
        options,
      );
    } catch (error) {
      logger.warn({ err: error, roomId }, 'no other server has heard that a user does not want to enter a room');
      return undefined;
    }
  }

  /** An event that only this server ever sees. */
  private leaveUntold(rules: RoomVersionRules, userId: string, content: JsonObject, present: StoredEvent) {
    const { clock, signer } = this.parts;
    const prototype = {
      type: 'm.room.member',
      room_id: present.roomId,
      sender: userId,
      state_key: userId,
      content,
      depth: Math.min(present.depth + 1, Number.MAX_SAFE_INTEGER),
      prev_events: [referenceTo(present, rules)],
      auth_events: [referenceTo(present, rules)],
      origin_server_ts: clock.now(),
    };
    return canonical(() => buildEvent(prototype, rules, signer));
  }
}
