import { notFound } from '../../../protocol/errors.ts';
import { strippedState } from '../../../protocol/events/stripped-state.ts';
import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Clock } from '../../../util/clock.ts';
import type { Logger } from '../../../util/logger.ts';
import type { EventSignatures } from '../event-signatures.ts';
import type { CandidateServers } from './candidate-servers.ts';
import type { Handshake } from './handshake.ts';
import { readKnockState } from './identifying-state.ts';
import type { OutsideMemberships } from './outside-memberships.ts';
import { tryServers } from './try-servers.ts';

export interface RemoteKnocksParts {
  readonly handshake: Handshake;
  readonly candidates: CandidateServers;
  readonly outside: OutsideMemberships;
  readonly signatures: EventSignatures;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: { readonly joinAnswerTimeout: number };
}

/** Knocks at rooms that this server is not in. Source: https://spec.matrix.org/v1.19/server-server-api/#knocking-rooms */
export class RemoteKnocks {
  private readonly parts: RemoteKnocksParts;

  constructor(parts: RemoteKnocksParts) {
    this.parts = parts;
  }

  /** @throws M_NOT_FOUND if there is no server to ask; M_FORBIDDEN and what else the servers answer */
  async knock(userId: string, roomId: string, via: readonly string[], content: JsonObject): Promise<void> {
    const { candidates, clock, logger, settings } = this.parts;
    const servers = await candidates.of(userId, roomId, via);
    if (servers.length === 0) throw notFound('No server is known that is in the room');
    const options = { clock, logger, budgetMs: settings.joinAnswerTimeout, what: 'a knock' };
    await tryServers(servers, (server, left) => this.knockThrough(server, left, { userId, roomId, content }), options);
  }

  private async knockThrough(
    server: ServerName,
    left: () => number,
    { userId, roomId, content }: { userId: string; roomId: string; content: JsonObject },
  ): Promise<void> {
    const { handshake, outside, signatures } = this.parts;
    const completed = await handshake.complete(server, { roomId, userId, membership: 'knock' }, content, left);
    const answer = await handshake.submit(server, 'v1/send_knock', roomId, completed, left);
    const { built, rules } = completed;
    const state = await readKnockState(signatures, roomId, rules, answer['knock_room_state']);
    const others = state.filter((event) => event.type !== 'm.room.member' || event.state_key !== userId);
    await outside.put({
      ...{ roomId, rules, userId, membership: 'knock', event: built },
      strippedState: JSON.stringify([...others, strippedState(built.pdu)]),
    });
  }
}
