import { badJson, forbidden, notFound } from '../../protocol/errors.ts';
import type { EventPrototype, EventSigner } from '../../protocol/events/build-event.ts';
import { MAX_PREV_EVENTS } from '../../protocol/events/pdu-format.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { ConflictError, StaleDecisionError, WriteSet } from '../../storage/contract/write-set.ts';
import type { Clock } from '../../util/clock.ts';
import type { Admission } from '../admission/admission.ts';
import type { PolicyServers } from '../admission/policy-servers.ts';
import type { NoticeBoard } from '../events.ts';
import type { Appended, AppendOptions, AppendSignedOptions } from './append-options.ts';
import { Answers, AskFirst } from './ask-first.ts';
import { commitDecision } from './commit-decision.ts';
import { buildCreateEvent, type RoomDraft } from './create-event.ts';
import { decideEvent } from './decide-event.ts';
import type { EventCache } from './event-cache.ts';
import type { EventDraft } from './event-template.ts';
import { addEvent } from './event-writes.ts';
import { foundRoom } from './found-room.ts';
import type { LayerCache } from './layer-cache.ts';
import { LocalEvents, unchangedState } from './local-events.ts';
import { mergeEnds } from './merge-ends.ts';
import type { NotificationPlanner } from './notification-plan.ts';
import { addOtherEnds } from './outgoing-events.ts';
import { Recommendations } from './recommendations.ts';
import { planRedaction } from './redaction.ts';
import type { LargeResolutions } from './resolution/large-resolutions.ts';
import type { Room } from './room.ts';
import type { RoomCache } from './room-cache.ts';
import type { RoomQueue, RoomTurn } from './room-queue.ts';
import type { SignedEvent, StoredEvent } from './stored-event.ts';
import { addTransaction, answerWith } from './transaction-writes.ts';

export type { EventDraft };

const RETRIES = 3;

export interface TimelineDependencies {
  readonly storage: Storage;
  readonly rooms: RoomCache;
  readonly events: EventCache;
  readonly layers: LayerCache;
  readonly resolutions: LargeResolutions;
  readonly queue: RoomQueue;
  readonly notices: NoticeBoard;
  readonly signer: EventSigner;
  readonly clock: Clock;
  readonly notifications: NotificationPlanner;
  /** Has a say before events of this server's users are built. */
  readonly admission: Admission;
  readonly policies: PolicyServers;
  /** Whether the user is one of this server. */
  readonly isLocal: (userId: string) => boolean;
}

/** Builds events and appends them to rooms. */
export class Timeline {
  private readonly d: TimelineDependencies;
  private readonly locals: LocalEvents;
  private readonly recommendations: Recommendations;

  constructor(dependencies: TimelineDependencies) {
    this.d = dependencies;
    this.locals = new LocalEvents(dependencies);
    this.recommendations = new Recommendations(dependencies.policies);
  }

  /**
   * Lets `decide` append to a room in its turn, and waits until that is durable. It is decided again in another turn if
   * a policy server has to be asked first, which is done between the two, or if the database refused what the decision
   * was built on.
   * @throws M_NOT_FOUND if there is no such room
   */
  async change(
    roomId: string,
    decide: (turn: RoomTurn, room: Room) => Promise<Appended>,
  ): Promise<readonly StoredEvent[]> {
    const answers = new Answers();
    let attempt = 0;
    for (;;) {
      const appended = await this.inTurn(roomId, answers, decide);
      if (appended instanceof AskFirst) {
        await answers.askedFor(appended);
        continue;
      }
      try {
        await appended.done;
        return appended.events;
      } catch (error) {
        const again = error instanceof StaleDecisionError || error instanceof ConflictError;
        if (!again || attempt >= RETRIES) throw error;
        attempt += 1;
      }
    }
  }

  private inTurn(
    roomId: string,
    answers: Answers,
    decide: (turn: RoomTurn, room: Room) => Promise<Appended>,
  ): Promise<Appended | AskFirst> {
    const act = async (turn: RoomTurn) => {
      const room = await this.d.rooms.get(roomId);
      if (!room) throw notFound('This server does not know the room');
      this.d.rooms.pin(room);
      try {
        return await decide(turn, room);
      } catch (error) {
        if (error instanceof AskFirst) return error;
        throw error;
      } finally {
        this.d.rooms.unpin(room);
      }
    };
    return this.d.queue.run(roomId, act, answers);
  }

  /**
   * Makes a room: its create event, the events that follow and whatever else the draft adds, as one write set.
   * @throws ConflictError if something that the draft adds is there already; what {@link append} throws
   */
  async createRoom(draft: RoomDraft): Promise<Room> {
    // The same create event, made twice in a millisecond, would be the same room.
    for (let originServerTs = this.d.clock.now(); ; originServerTs++) {
      const built = buildCreateEvent(draft, originServerTs, this.d.signer);
      const created = await this.d.queue.run(built.roomId, (turn) =>
        foundRoom(this.d, turn, draft, built, this.append.bind(this)),
      );
      if (!created) continue;
      await created.appended.done;
      return created.room;
    }
  }

  /** Sends one event in its room's turn. An identical state event is not sent again. */
  async send(roomId: string, draft: EventDraft, options: AppendOptions = {}): Promise<StoredEvent> {
    const { admission } = this.d;
    // Before the turn: a gate may take its time.
    const isFree = admission.isOpen || options.isAdmitted;
    const content = isFree ? draft.content : await admission.admit({ entrance: 'client', roomId, ...draft });
    const admitted = { ...draft, content };
    const events = await this.change(roomId, (turn, present) =>
      this.append(turn, present, [admitted], { ...options, isAdmitted: true }),
    );
    return events[0]!;
  }

  /**
   * Decides on events, one after the other, each on top of the ones before, and hands them to the committer as one
   * write set.
   * @throws M_FORBIDDEN or M_BAD_JSON if the rules of the room refuse one; then none is sent
   */
  async append(
    turn: RoomTurn,
    room: Room,
    drafts: readonly EventDraft[],
    options: AppendOptions = {},
  ): Promise<Appended> {
    if (turn.roomId !== room.id) throw new Error(`the turn is that of ${turn.roomId}, not of ${room.id}`);
    const { answers } = turn;
    if (!options.isAdmitted && !this.d.admission.isOpen) await this.admit(room, drafts, answers);
    const recommended = this.recommendations.ofSole(room, drafts, answers);
    if (recommended) return this.appendSigned(turn, room, recommended, { ...options, isAdmitted: true });
    if (room.decided.extremities.length > MAX_PREV_EVENTS) await mergeEnds(this.d, turn, room, MAX_PREV_EVENTS);
    const set = options.set ?? new WriteSet();
    const events: StoredEvent[] = [];
    room.decided.begin();
    try {
      for (const draft of drafts) {
        const same = unchangedState(room, draft);
        if (same && options.transaction) answerWith(set, same, options.transaction, this.d.clock.now());
        events.push(same ?? (await this.decideOne(room, draft, set, answers, options.transaction)));
      }
    } catch (error) {
      room.decided.takeBack();
      set.failed = true;
      throw error;
    }
    room.decided.keep();
    // What is there already may still be on its way.
    if (set.mutations.length === 0) return { events, done: room.decided.lastDone ?? Promise.resolve() };
    return { events, done: commitDecision(this.d, room, set) };
  }

  /** For what is decided in the turn, as memberships are: nobody waits there, so that a delay lets it in at once. */
  private async admit(room: Room, drafts: readonly EventDraft[], answers: Answers): Promise<void> {
    for (const draft of drafts) {
      if (answers.isAdmitted(draft)) continue;
      const verdict = await this.d.admission.judge({ entrance: 'client', roomId: room.id, ...draft });
      if (verdict.verdict === 'refuse' || verdict.verdict === 'hold') throw verdict.error;
      answers.putAdmitted(draft);
    }
  }

  private async decideOne(
    room: Room,
    draft: EventDraft,
    set: WriteSet,
    answers: Answers,
    transaction: AppendOptions['transaction'],
  ): Promise<StoredEvent> {
    const built = this.locals.build(room, draft);
    // Whoever may not redact the event is told so before anybody is asked.
    const redaction = draft.type === 'm.room.redaction' ? await planRedaction(this.d, room, built) : undefined;
    const recommended = await this.recommendations.ofBuilt(room, draft, built, answers);
    const plan = this.d.notifications.plan(room, recommended.pdu);
    const event = addEvent(this.d, set, room, recommended, plan, { redaction });
    addTransaction(set, event, transaction, this.d.clock.now());
    return event;
  }

  /**
   * An event on top of the room's head for another server to complete and sign (`make_join` and the like).
   * @throws M_FORBIDDEN or M_BAD_JSON if the rules of the room would refuse it
   */
  prepare(room: Room, draft: EventDraft): EventPrototype {
    return this.locals.prepare(room, draft);
  }

  /**
   * Appends an event that another server made, whose format, signatures and hashes have been checked. Its place in the
   * room is the one that its `prev_events` give it, all of which must be known.
   * @throws M_FORBIDDEN if the rules of the room refuse it there or as of now; M_BAD_JSON if events it names are unknown
   */
  async appendSigned(
    turn: RoomTurn,
    room: Room,
    event: SignedEvent,
    options: AppendSignedOptions = {},
  ): Promise<Appended> {
    const { relayedFrom, isAdmitted, transaction, set } = options;
    const recommended = isAdmitted ? event : this.recommendations.ofSigned(room, event, relayedFrom, turn.answers);
    const also = (to: WriteSet, appended: StoredEvent) => {
      addTransaction(to, appended, transaction, this.d.clock.now());
      if (relayedFrom !== undefined) addOtherEnds(this.d, to, room, appended);
    };
    const decision = await decideEvent(this.d, turn, room, recommended, {
      relayedFrom,
      onlyIfAllowed: true,
      also,
      set,
    });
    switch (decision.outcome) {
      case 'missing':
        throw badJson('The event names events that this server does not know');
      case 'taken':
        throw badJson('The id of the event is that of an event of another room');
      case 'known':
        return {
          events: [decision.event],
          done: set ? commitDecision(this.d, room, set) : (room.decided.lastDone ?? Promise.resolve()),
        };
      case 'accepted':
        return { events: [decision.event], done: decision.done };
      default:
        throw forbidden(decision.verdict.allowed ? undefined : decision.verdict.reason);
    }
  }
}
