import { serverOf } from '../../protocol/identifiers/parts.ts';
import type { Clock } from '../../util/clock.ts';
import type { NoticeBoard } from '../events.ts';
import type { Presence } from '../presence/presence.ts';
import type { RoomCache } from '../timeline/room-cache.ts';

export interface PresenceAtJoinsDependencies {
  readonly notices: NoticeBoard;
  readonly rooms: RoomCache;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly isLocal: (userId: string) => boolean;
  /** Tells servers how a user is about. */
  readonly tell: (userId: string, servers: Iterable<string>) => void;
}

/** Who came into a room since others were last told. */
interface Newcomers {
  readonly users: Set<string>;
  readonly servers: Set<string>;
}

/** A server that has joined is still taking in the room when its join is durable here; many may join at the same time. */
const TOLD_AFTER_MS = 1_000;
/** Rooms with newcomers that are remembered meanwhile. */
const MOST_ROOMS = 10_000;

/**
 * Tells servers how the users of this one are about when they begin to share a room: before that, they were not told.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#presence
 */
export class PresenceAtJoins {
  private readonly d: PresenceAtJoinsDependencies;
  private readonly waiting = new Map<string, Newcomers>();

  constructor(dependencies: PresenceAtJoinsDependencies) {
    this.d = dependencies;
    dependencies.notices.on('currentState', ({ roomId, type, stateKey, before, after }) => {
      if (type === 'm.room.member' && after?.membership === 'join' && before?.membership !== 'join')
        this.joined(roomId, stateKey);
    });
  }

  private joined(roomId: string, userId: string): void {
    const { rooms, isLocal } = this.d;
    const servers = rooms.peek(roomId)?.joinedServers;
    const server = serverOf(userId);
    if (!servers || servers.size < 2 || server === undefined) return;
    // Of a server that was in the room already, nobody here is new to.
    if (!isLocal(userId) && servers.get(server) !== 1) return;
    const newcomers = this.newcomersOf(roomId);
    if (isLocal(userId)) newcomers?.users.add(userId);
    else newcomers?.servers.add(server);
  }

  private newcomersOf(roomId: string): Newcomers | undefined {
    const known = this.waiting.get(roomId);
    if (known || this.waiting.size >= MOST_ROOMS) return known;
    const newcomers = { users: new Set<string>(), servers: new Set<string>() };
    this.waiting.set(roomId, newcomers);
    if (this.waiting.size === 1) this.d.clock.after(TOLD_AFTER_MS, () => this.tellAll());
    return newcomers;
  }

  private tellAll(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    for (const [roomId, newcomers] of all) this.tell(roomId, newcomers);
  }

  private tell(roomId: string, { users, servers }: Newcomers): void {
    const { rooms, presence, isLocal, tell } = this.d;
    const room = rooms.peek(roomId);
    if (!room) return;
    for (const userId of presence.presentUsers()) {
      if (!isLocal(userId) || !room.isJoined(userId)) continue;
      if (users.has(userId)) tell(userId, room.joinedServers.keys());
      else if (servers.size > 0) tell(userId, servers);
    }
  }
}
