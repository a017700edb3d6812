/**
 * Receiving the events of other servers, step by step as the specification lists them.
 * Source: https://spec.matrix.org/v1.19/server-server-api/#checks-performed-on-receipt-of-a-pdu
 */
import { prevEventIds } from '../../../protocol/events/prev-event-ids.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import { ConflictError, StaleDecisionError } from '../../../storage/contract/write-set.ts';
import type { PolicyServers } from '../../admission/policy-servers.ts';
import { decideEvent } from '../decide-event.ts';
import type { DecideOptions, Decision } from '../event-decision.ts';
import { inRoom } from '../in-room.ts';
import { type MergeDependencies, MOST_ENDS, mergeEnds } from '../merge-ends.ts';
import type { Room } from '../room.ts';
import type { RoomQueue } from '../room-queue.ts';
import { aclAllows, isServerIn } from '../server-access.ts';
import type { SignedEvent } from '../stored-event.ts';
import type { EventChecks } from './check-signatures.ts';
import type { MissingEvents } from './fetch-missing.ts';
import { inOrder } from './in-order.ts';

/** What came of a PDU, as the answer of `PUT /send/{txnId}` tells it. */
export interface PduVerdict {
  /** Empty for a PDU that is too malformed to have an id. */
  readonly eventId: string;
  /** Why it was not accepted, readable; undefined for one that was, or was known already. */
  readonly error?: string;
  /** Whether it was not decided on: it is taken in once a later event leads to it and what it names can be had. */
  readonly isDeferred?: boolean;
}

export interface ReceiverDependencies extends MergeDependencies {
  readonly queue: RoomQueue;
  readonly policies: PolicyServers;
  readonly checks: EventChecks;
  readonly missing: MissingEvents;
  /** The name of this server. */
  readonly serverName: string;
}

const RETRIES = 3;

/** Takes in the events that other servers send. */
export class PduReceiver {
  private readonly d: ReceiverDependencies;

  constructor(dependencies: ReceiverDependencies) {
    this.d = dependencies;
  }

  /**
   * Checks and stores events of one room that `origin` sent; missing ones before them are fetched. A verdict each, in the
   * same order.
   * @throws StorageUnavailableError: nothing is known of those events then, and they are to be received again
   */
  async receive(origin: string, roomId: string, pdus: readonly JsonObject[]): Promise<PduVerdict[]> {
    const room = await this.d.rooms.get(roomId);
    const closed = this.whyClosed(origin, room);
    if (!room || closed !== undefined) return pdus.map(() => ({ eventId: '', error: closed ?? 'Unknown room' }));
    const checked = await this.d.checks.check(pdus, room.rules, room.id);
    const events = checked.flatMap((one) => (one.ok ? [one.event] : []));
    const verdicts = new Map<string, PduVerdict>();
    await this.takeInAll(origin, room.id, await inOrder(events, prevEventIds), verdicts);
    await this.bringTogether(room.id);
    return checked.map((one) =>
      one.ok ? verdicts.get(one.event.eventId)! : { eventId: one.eventId, error: one.error },
    );
  }

  /** Many ends of the history cost every server in the room: some event has to follow them. */
  private async bringTogether(roomId: string): Promise<void> {
    const ends = this.d.rooms.peek(roomId)?.decided.extremities.length ?? 0;
    if (ends <= MOST_ENDS) return;
    await this.d.queue.run(roomId, async (turn) => mergeEnds(this.d, turn, await this.roomOf(roomId), MOST_ENDS));
  }

  private whyClosed(origin: string, room: Room | undefined): string | undefined {
    if (!room || !isServerIn(room, this.d.serverName)) return 'This server is not in the room';
    return aclAllows(room, origin) ? undefined : 'Your server is not allowed to take part in this room';
  }

  /** The next event is decided on while those before are being committed. */
  private async takeInAll(
    origin: string,
    roomId: string,
    events: readonly SignedEvent[],
    verdicts: Map<string, PduVerdict>,
  ): Promise<void> {
    const written: Promise<void>[] = [];
    for (const event of events) {
      try {
        const decision = await this.decided(origin, roomId, event);
        verdicts.set(event.eventId, verdictOf(event, decision));
        written.push(decision.done.catch((error) => this.again(error, origin, roomId, event, verdicts)));
      } catch (error) {
        await this.again(error, origin, roomId, event, verdicts);
      }
    }
    await Promise.all(written);
  }

  /** What was decided on top of something that could not be committed is decided again. */
  private async again(
    error: unknown,
    origin: string,
    roomId: string,
    event: SignedEvent,
    verdicts: Map<string, PduVerdict>,
  ): Promise<void> {
    let failure = error;
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      if (!(failure instanceof StaleDecisionError) && !(failure instanceof ConflictError)) break;
      try {
        const decision = await this.decided(origin, roomId, event);
        await decision.done;
        verdicts.set(event.eventId, verdictOf(event, decision));
        return;
      } catch (next) {
        failure = next;
      }
    }
    throw failure;
  }

  /**
   * Decides on an event, and if others are missing, fetches them and decides again. Who sends an event has those before
   * it: where they are withheld, nobody is believed what the state before it was. One that is known to be missing is no
   * end of the history, whatever its state.
   */
  private async decided(origin: string, roomId: string, event: SignedEvent): Promise<Decision> {
    const decision = await this.inTurn(origin, roomId, event);
    if (decision.outcome !== 'missing') return decision;
    const room = await this.roomOf(roomId);
    const known = await this.d.missing.statesKnown(room, decision.prevEvents);
    if (decision.prevEvents.length > known.size && !room.gaps.has(event.eventId)) {
      await this.takeInBefore(origin, roomId, event);
      const next = await this.inTurn(origin, roomId, event);
      if (next.outcome !== 'missing' || next.prevEvents.length > 0) return next;
    }
    return this.decidedByState(origin, roomId, event);
  }

  /** What leads up to the first of the events before this one is told as a state; the others follow it. */
  private async takeInBefore(origin: string, roomId: string, event: SignedEvent): Promise<void> {
    let hasStates = true;
    for (const before of await this.d.missing.before(origin, await this.roomOf(roomId), event)) {
      const earlier: Decision = hasStates
        ? await this.decidedByState(origin, roomId, before)
        : await this.inTurn(origin, roomId, before);
      await earlier.done;
      hasStates = earlier.outcome !== 'missing';
    }
  }

  /** Where events are still missing, their auth events are fetched and the state after them is. */
  private async decidedByState(origin: string, roomId: string, event: SignedEvent): Promise<Decision> {
    const decision = await this.inTurn(origin, roomId, event);
    if (decision.outcome !== 'missing') return decision;
    const room = await this.roomOf(roomId);
    const { prevEvents, authEvents } = decision;
    if (authEvents.length > 0) await this.d.missing.authEvents(origin, room, event, authEvents);
    const known = await this.d.missing.statesKnown(room, prevEvents);
    const others = prevEvents.filter((id) => !known.has(id));
    const told = room.partial ? presentState(room, others) : await this.d.missing.statesAfter(origin, room, others);
    return this.inTurn(origin, roomId, event, { statesAfterMissing: new Map([...known, ...told]) });
  }

  private async inTurn(
    origin: string,
    roomId: string,
    received: SignedEvent,
    options: DecideOptions = {},
  ): Promise<Decision> {
    const isKnown = this.d.events.peekById(received.eventId) !== undefined;
    const recommended = isKnown
      ? received
      : await this.d.policies.recommended(origin, await this.roomOf(roomId), received);
    const event = recommended ?? received;
    const isNotRecommended = recommended === undefined;
    return inRoom(this.d, roomId, (turn, room) =>
      decideEvent(this.d, turn, room, event, { ...options, isSpread: true, isNotRecommended }),
    );
  }

  private async roomOf(roomId: string): Promise<Room> {
    const room = await this.d.rooms.get(roomId);
    if (!room) throw new Error(`${roomId} is gone`);
    return room;
  }
}

/**
 * While the state is not whole, what it was after missing events is asked for later, when it is: until then the present
 * one stands for it.
 */
function presentState(room: Room, missing: readonly string[]): Map<string, number> {
  const top = room.decided.layers.at(-1)?.nid;
  return new Map(top === undefined ? [] : missing.map((eventId) => [eventId, top]));
}

function verdictOf({ eventId }: SignedEvent, decision: Decision): PduVerdict {
  if (decision.outcome === 'rejected' && !decision.verdict.allowed) {
    return { eventId, error: decision.verdict.reason };
  }
  if (decision.outcome === 'taken') return { eventId, error: 'Its id is that of an event of another room' };
  if (decision.outcome === 'missing') {
    const ids = [...decision.prevEvents, ...decision.authEvents].slice(0, 5);
    return { eventId, error: `Events that it names cannot be had: ${ids.join(', ')}`, isDeferred: true };
  }
  return { eventId };
}
