import { CanonicalJsonError } from '../../protocol/canonical-json/canonical-json-error.ts';
import { limitExceeded } from '../../protocol/errors.ts';
import { isRoomId } from '../../protocol/identifiers/room-id.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../protocol/json.ts';
import { DEFAULT_ROOM_VERSION, roomVersion } from '../../protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../protocol/room-versions/rules.ts';
import { eventIdOf } from '../../protocol/signing/event-hash.ts';
import { Lru } from '../../util/lru.ts';
import type { IncomingEdus } from '../edus/incoming-edus.ts';
import type { RoomCache } from '../timeline/room-cache.ts';
import type { RoomLanes } from './room-lanes.ts';
import type { StagedPdus } from './staged-pdus.ts';

/** What stands in a transaction, each entry of whatever form. */
export interface TransactionContent {
  readonly pdus: readonly JsonValue[];
  readonly edus: readonly JsonValue[];
}

/** The answer: by event id, `{}` or an error. */
export interface TransactionAnswer {
  readonly pdus: { [eventId: string]: { error?: string } };
}

export interface ReceivedTransactionsDependencies {
  readonly rooms: RoomCache;
  readonly lanes: RoomLanes;
  readonly staged: StagedPdus;
  readonly edus: Pick<IncomingEdus, 'receive'>;
  readonly limits: {
    /** Transactions of one server at the same time. */
    readonly transactionsPerServer: number;
    /** Answers that are remembered. */
    readonly answers: number;
  };
}

/** Milliseconds for a server to wait that sends too many transactions at once. */
const WAIT_MS = 2_000;

/**
 * What other servers send. A transaction that comes again gets the answer of the first time, for which it waits if need
 * be; when that is forgotten, its events are known, and so are its messages.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#transactions
 */
export class ReceivedTransactions {
  private readonly d: ReceivedTransactionsDependencies;
  private readonly answers: Lru<string, TransactionAnswer>;
  /** By origin, by id. */
  private readonly running = new Map<string, Map<string, Promise<TransactionAnswer>>>();

  constructor(dependencies: ReceivedTransactionsDependencies) {
    this.d = dependencies;
    this.answers = new Lru({ max: dependencies.limits.answers });
  }

  /**
   * Takes in a transaction: what it holds is checked or durable when this resolves.
   * @throws M_LIMIT_EXCEEDED if the server sends more than is taken; StorageUnavailableError
   */
  receive(origin: string, txnId: string, content: TransactionContent): Promise<TransactionAnswer> {
    const key = `${origin}\0${txnId}`;
    const known = this.answers.get(key);
    if (known) return Promise.resolve(known);
    const ofOrigin = this.running.get(origin) ?? new Map<string, Promise<TransactionAnswer>>();
    const same = ofOrigin.get(txnId);
    if (same) return same;
    if (ofOrigin.size >= this.d.limits.transactionsPerServer) return Promise.reject(limitExceeded(WAIT_MS));
    const started = this.process(origin, content).finally(() => {
      ofOrigin.delete(txnId);
      if (ofOrigin.size === 0) this.running.delete(origin);
    });
    ofOrigin.set(txnId, started);
    this.running.set(origin, ofOrigin);
    return started.then((answer) => {
      this.answers.set(key, answer);
      return answer;
    });
  }

  private async process(origin: string, { pdus, edus }: TransactionContent): Promise<TransactionAnswer> {
    this.d.staged.checkCapacity(origin, pdus.length);
    const answer: TransactionAnswer = { pdus: Object.create(null) as TransactionAnswer['pdus'] };
    const rooms = [...byRoom(pdus)];
    await Promise.all(rooms.map(([roomId, ofRoom]) => this.processRoom(origin, roomId, ofRoom, answer)));
    await this.d.edus.receive(origin, edus);
    return answer;
  }

  private async processRoom(
    origin: string,
    roomId: string,
    pdus: readonly JsonObject[],
    answer: TransactionAnswer,
  ): Promise<void> {
    const verdicts = await this.d.lanes.submit(origin, roomId, pdus);
    // Where the room is not known, neither are its rules for ids: those of today are the best guess.
    const rules = (await this.d.rooms.get(roomId))?.rules ?? roomVersion(DEFAULT_ROOM_VERSION)!;
    for (const [i, pdu] of pdus.entries()) {
      const verdict = verdicts?.[i];
      // An error says that an event is refused for good, which one that only came too early is not.
      const error = verdict?.isDeferred ? undefined : verdict?.error;
      enter(answer, verdict?.eventId || idOf(pdu, rules), error);
    }
  }
}

function byRoom(pdus: readonly JsonValue[]): Map<string, JsonObject[]> {
  const rooms = new Map<string, JsonObject[]>();
  for (const pdu of pdus) {
    if (!isJsonObject(pdu)) continue;
    const roomId = isRoomId(pdu['room_id']) ? pdu['room_id'] : '';
    const known = rooms.get(roomId);
    if (known) known.push(pdu);
    else rooms.set(roomId, [pdu]);
  }
  return rooms;
}

function idOf(pdu: JsonObject, rules: RoomVersionRules): string | undefined {
  try {
    return eventIdOf(pdu, rules);
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function enter(answer: TransactionAnswer, eventId: string | undefined, error: string | undefined): void {
  if (eventId?.startsWith('$')) answer.pdus[eventId] = error === undefined ? {} : { error };
}
