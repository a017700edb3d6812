import { canonicalJson } from '../../../protocol/canonical-json/canonical-json.ts';
import { MatrixError, notFound, unknown } from '../../../protocol/errors.ts';
import { serverOf } from '../../../protocol/identifiers/parts.ts';
import { isServerName, type ServerName } from '../../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import { addSignature, signaturesOf } from '../../../protocol/signing/sign-json.ts';
import type { Clock } from '../../../util/clock.ts';
import { LimitedConcurrency } from '../../../util/limited-concurrency.ts';
import type { Logger } from '../../../util/logger.ts';
import { within } from '../../../util/within.ts';
import type { RoomImport } from '../../timeline/import-room.ts';
import type { PduReceiver } from '../../timeline/receive-pdu/pdu-receiver.ts';
import type { CandidateServers } from './candidate-servers.ts';
import type { CompletedEvent, Handshake } from './handshake.ts';
import { BadAnswerError, tryServers } from './try-servers.ts';

export interface RemoteJoinsParts {
  readonly handshake: Handshake;
  readonly candidates: CandidateServers;
  readonly rooms: RoomImport;
  readonly receiver: PduReceiver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The name of this server. */
  readonly serverName: string;
  readonly settings: {
    /** Milliseconds for all servers together. */
    readonly joinBudget: number;
    /** Milliseconds after which a client is answered while joining goes on. */
    readonly joinAnswerTimeout: number;
    /** Answers with the state of a room that are in memory at the same time. */
    readonly joinsAtOnce: number;
    readonly joinsWaiting: number;
    /** Whether rooms are joined before all of their members are known. */
    readonly partialJoins: boolean;
    /** Servers in a room beyond which their list is not taken. */
    readonly partialJoinServers: number;
  };
}

/** A local user who joins a room by the help of another server. */
export interface RemoteJoin {
  readonly userId: string;
  readonly roomId: string;
  /** Servers that may be in the room, the best first. */
  readonly via: readonly string[];
  /** Of the join. */
  readonly content: JsonObject;
  /** Whether this server is in the room, and cannot let the user in by itself. */
  readonly isResident: boolean;
}

/** Joins rooms of other servers. */
export class RemoteJoins {
  private readonly parts: RemoteJoinsParts;
  private readonly running = new Map<string, Promise<void>>();
  private readonly turns: LimitedConcurrency;

  constructor(parts: RemoteJoinsParts) {
    this.parts = parts;
    const { joinsAtOnce, joinsWaiting } = parts.settings;
    this.turns = new LimitedConcurrency({ running: joinsAtOnce, waiting: joinsWaiting });
  }

  /**
   * Resolves when nobody is joining the room any more: a second user who comes in meanwhile need not ask again, and a
   * client that retries gets what its first request came to.
   * @throws M_UNKNOWN 504 if that takes too long
   */
  async settled(roomId: string): Promise<void> {
    if (this.running.has(roomId)) await this.answered(this.over(roomId));
  }

  /** The same, however long that takes. */
  async over(roomId: string): Promise<void> {
    await this.running.get(roomId)?.catch(() => undefined);
  }

  /**
   * Joins through the first server that helps. The client is answered in time; joining goes on behind that.
   * @throws M_NOT_FOUND if there is no server to ask; M_FORBIDDEN, M_INCOMPATIBLE_ROOM_VERSION and what else the servers
   *   answer; M_UNKNOWN 502 if none of them helps; M_UNKNOWN 504 if it takes too long
   */
  join(wish: RemoteJoin): Promise<void> {
    const { roomId, userId } = wish;
    let isAnswered = false;
    const joining = this.joinNow(wish)
      .catch((error: unknown) => {
        if (isAnswered) this.parts.logger.warn({ err: error, roomId, userId }, 'a join that took long came to nothing');
        throw error;
      })
      .finally(() => {
        if (this.running.get(roomId) === joining) this.running.delete(roomId);
      });
    this.running.set(roomId, joining);
    return this.answered(joining).finally(() => {
      isAnswered = true;
    });
  }

  private answered(joining: Promise<void>): Promise<void> {
    return within(this.parts.clock, this.parts.settings.joinAnswerTimeout, joining, stillJoining);
  }

  private async joinNow(wish: RemoteJoin): Promise<void> {
    const { candidates, clock, logger, settings } = this.parts;
    const servers = await candidates.of(wish.userId, wish.roomId, wish.via);
    if (servers.length === 0) throw notFound('No server is known that is in the room');
    const options = { clock, logger, budgetMs: settings.joinBudget, what: 'a join' };
    await tryServers(servers, (server, left) => this.joinThrough(server, wish, left), options);
  }

  private async joinThrough(server: ServerName, wish: RemoteJoin, left: () => number): Promise<void> {
    const { handshake } = this.parts;
    const { roomId, userId } = wish;
    const completed = await handshake.complete(server, { roomId, userId, membership: 'join' }, wish.content, left);
    await this.turns.run(() => this.hand(server, wish, completed, left), tooManyJoins);
  }

  private async hand(
    server: ServerName,
    wish: RemoteJoin,
    completed: CompletedEvent,
    left: () => number,
  ): Promise<void> {
    const { roomId } = wish;
    // Of a room that was known before, members might be taken for those of today. One that is joined already needs none.
    const isPartial =
      this.parts.settings.partialJoins && (wish.isResident || !(await this.parts.rooms.isKnown(roomId)));
    const submission = isPartial ? 'v2/send_join?omit_members=true' : 'v2/send_join';
    const answer = await this.parts.handshake.submit(server, submission, roomId, completed, left);
    const joinEvent = withVouchersSignature(completed, answer['event']);
    if (wish.isResident) await this.receive(server, roomId, joinEvent);
    else await this.import(server, wish, completed, joinEvent, answer);
  }

  /** Other servers in the room, whose members were not told. */
  private serversIn(answer: JsonObject): string[] {
    const { settings, serverName } = this.parts;
    const servers = settings.partialJoins
      ? serverNamesIn(answer['servers_in_room'], settings.partialJoinServers)
      : undefined;
    if (!servers) throw new BadAnswerError('left out members without need, or without telling the servers in the room');
    return servers.filter((server) => server !== serverName);
  }

  private async receive(server: ServerName, roomId: string, joinEvent: JsonObject): Promise<void> {
    const [verdict] = await this.parts.receiver.receive(server, roomId, [joinEvent]);
    if (verdict?.error !== undefined) throw new BadAnswerError(`took a join that is refused here: ${verdict.error}`);
  }

  private async import(
    server: ServerName,
    { roomId }: RemoteJoin,
    { rules }: CompletedEvent,
    joinEvent: JsonObject,
    answer: JsonObject,
  ): Promise<void> {
    const state = objectsIn(answer['state']);
    const authChain = objectsIn(answer['auth_chain']);
    if (!state || !authChain) throw new BadAnswerError('answered without the state of the room');
    const servers = answer['members_omitted'] === true ? this.serversIn(answer) : undefined;
    const version = rules.version;
    try {
      await this.parts.rooms.join({ roomId, version, origin: server, joinEvent, state, authChain, servers });
    } catch (error) {
      // What a server told may not hold; the next one may be honest.
      if (!(error instanceof MatrixError) || error.status === 503) throw error;
      throw new BadAnswerError(`told a state that is refused here: ${error.message}`, { cause: error });
    }
  }
}

/** Names of servers; undefined if it is no list of them, or a longer one than is taken. */
function serverNamesIn(value: JsonValue | undefined, most: number): string[] | undefined {
  if (!Array.isArray(value) || value.length > most) return undefined;
  return [...new Set(value.filter(isServerName))];
}

function stillJoining() {
  return unknown('Joining the room takes longer than usual and goes on. Try again in a while.', { status: 504 });
}

function tooManyJoins() {
  return unknown('Too many rooms are being joined at the moment. Try again later.', { status: 503 });
}

/** The join as it was built here, with the signature of the server whose user lets its sender in. */
function withVouchersSignature({ built, voucher }: CompletedEvent, answered: JsonValue | undefined): JsonObject {
  const server = voucher === undefined ? undefined : serverOf(voucher);
  if (server === undefined) return built.pdu;
  const signatures = isJsonObject(answered) ? signaturesOf(answered, server) : new Map<string, string>();
  if (signatures.size === 0) throw new BadAnswerError('took the join without vouching for it');
  const copy = JSON.parse(canonicalJson(built.pdu, { strict: false })) as JsonObject;
  for (const [keyId, signature] of signatures) addSignature(copy, server, keyId, signature);
  return copy;
}

function objectsIn(value: JsonValue | undefined): JsonObject[] | undefined {
  return Array.isArray(value) && value.every(isJsonObject) ? value : undefined;
}
