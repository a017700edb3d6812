import { MatrixError } from '../../../protocol/errors.ts';
import { membershipIn } from '../../../protocol/events/content-readers.ts';
import { type ReceivedPdu, readPdu } from '../../../protocol/events/read-pdu.ts';
import { isServerName } from '../../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import { roomVersion } from '../../../protocol/room-versions/index.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import type { EventCache } from '../../timeline/event-cache.ts';
import type { PduReceiver, PduVerdict } from '../../timeline/receive-pdu/pdu-receiver.ts';
import type { RoomCache } from '../../timeline/room-cache.ts';
import { isServerIn } from '../../timeline/server-access.ts';
import type { EventSignatures } from '../event-signatures.ts';
import type { UserRoom, UserRooms } from '../user-rooms.ts';
import type { CandidateServers } from './candidate-servers.ts';
import type { OutsideMemberships } from './outside-memberships.ts';
import type { RemoteJoins } from './remote-joins.ts';

export interface OutsideEventsParts {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly userRooms: UserRooms;
  readonly receiver: Pick<PduReceiver, 'receive'>;
  readonly joins: Pick<RemoteJoins, 'over'>;
  readonly outside: OutsideMemberships;
  readonly candidates: CandidateServers;
  readonly signatures: EventSignatures;
  readonly serverName: string;
  readonly isLocal: (userId: string) => boolean;
}

/**
 * Takes in what others send of rooms, and of rooms that this server is not in the one thing that concerns it: that an
 * invite was withdrawn, or a knock refused. Since nobody here can tell who may do that in the room, it is believed of whoever
 * has invited, and of the servers that the answer to the knock told of.
 */
export class OutsideEvents {
  private readonly parts: OutsideEventsParts;

  constructor(parts: OutsideEventsParts) {
    this.parts = parts;
  }

  /** As {@link PduReceiver.receive}. */
  async receive(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<PduVerdict[]> {
    const { receiver, rooms, serverName, joins } = this.parts;
    // Whoever lets a user in here tells of what follows before all of the answer has been read.
    await joins.over(roomId);
    const room = await rooms.get(roomId);
    if (room && isServerIn(room, serverName)) return receiver.receive(origin, roomId, pdus);
    const ended = await this.ended(origin, roomId, pdus);
    const others = await receiver.receive(
      origin,
      roomId,
      pdus.filter((_, index) => ended[index] === undefined),
    );
    return ended.map((verdict) => verdict ?? others.shift()!);
  }

  /** The verdict on those that end an invite or a knock. */
  private async ended(
    origin: string,
    roomId: string,
    pdus: readonly JsonObject[],
  ): Promise<(PduVerdict | undefined)[]> {
    const verdicts: (PduVerdict | undefined)[] = [];
    for (const pdu of pdus) {
      const eventId = await this.endWaiting(origin, roomId, pdu);
      verdicts.push(eventId === undefined ? undefined : { eventId });
    }
    return verdicts;
  }

  /** The id of the event if it ends an invite or a knock. */
  private async endWaiting(origin: string, roomId: string, event: JsonObject): Promise<string | undefined> {
    const membership = membershipIn(event['content'] as JsonObject | undefined);
    const userId = event['state_key'];
    if (event['type'] !== 'm.room.member' || (membership !== 'leave' && membership !== 'ban')) return undefined;
    if (typeof userId !== 'string' || !this.parts.isLocal(userId)) return undefined;
    const known = (await this.parts.userRooms.of(userId)).get(roomId);
    if (known?.membership !== 'invite' && known?.membership !== 'knock') return undefined;
    const [row] = await this.parts.storage.read((tx) => tx.rooms.byNids([known.roomNid]));
    const rules = row && roomVersion(row.version);
    const received = rules && readPdu(event, rules);
    if (!rules || !received || typeof received === 'string' || received.roomId !== roomId) return undefined;
    if (!(await this.isBelieved(origin, known, userId, received))) return undefined;
    if ((await this.parts.signatures.problem(received.pdu, rules)) !== undefined) return undefined;
    try {
      await this.parts.outside.put({ roomId, rules, userId, membership, event: received, strippedState: undefined });
      return received.eventId;
    } catch (error) {
      // An id that another room's event has: nothing ends with it.
      if (error instanceof MatrixError) return undefined;
      throw error;
    }
  }

  private async isBelieved(
    origin: string,
    known: UserRoom,
    userId: string,
    { pdu, roomId }: ReceivedPdu,
  ): Promise<boolean> {
    if (known.membership === 'invite') {
      const invite = (await this.parts.events.byNids([known.eventNid], { id: roomId })).get(known.eventNid);
      return invite?.sender === pdu.sender;
    }
    const servers = await this.parts.candidates.of(userId, roomId);
    return isServerName(origin) && servers.includes(origin);
  }
}
