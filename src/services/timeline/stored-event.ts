import { type Membership, membershipIn } from '../../protocol/events/content-readers.ts';
import type { Pdu, RoomEvent } from '../../protocol/events/pdu.ts';
import { type JsonObject, withKey } from '../../protocol/json.ts';
import { EventKind, type EventRow } from '../../storage/contract/events.ts';
import type { NotificationPlan } from './notification-plan.ts';

/** An event that was checked as far as that is possible without its room. */
export interface SignedEvent {
  readonly eventId: string;
  readonly pdu: Pdu;
  /** The canonical JSON of `pdu`. */
  readonly json: string;
}

/**
 * In place of a device: the transaction is that of an event that was to be sent later, and its id that of the delay, which
 * its sender sees on every device (MSC4140).
 */
export const DELAYED = 'org.matrix.msc4140.delayed';

/** The transaction that made an event: only the device that sent it sees the id. */
export interface EventTransaction {
  readonly userId: string;
  readonly deviceId: string;
  readonly txnId: string;
}

/**
 * An event in memory. Its PDU is parsed, and its client form serialised, when first needed; those of the events that
 * needed them last are kept, for they take more memory than the rest of the event.
 */
export class StoredEvent implements RoomEvent {
  readonly nid: number;
  readonly eventId: string;
  readonly roomNid: number;
  readonly roomId: string;
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly sender: string;
  readonly originServerTs: number;
  readonly depth: number;
  readonly kind: EventKind;
  /** Layer of the state after the event. */
  readonly stateLayer: number | undefined;
  /** Layer of the state before it; undefined if there was none. */
  readonly stateBefore: number | undefined;
  readonly threadRoot: string | undefined;
  readonly notify: number;
  readonly notifyMain: number;
  /** Whom it concerns otherwise than everybody; undefined if only the database knows. */
  notified: NotificationPlan['users'] | undefined;
  readonly redactedBy: string | undefined;
  readonly chunk: number;
  readonly json: string;
  /** Members of `unsigned` that everybody sees, without braces; empty if there are none. */
  readonly unsigned: string;
  /** Stream position; 0 until it is committed, or if it never was in the live timeline. */
  position: number;
  /** Place in the pages of its chunk. */
  chunkIndex: number;
  /** What made it, if a client did: null if nothing is known of that, undefined until it has been looked up. */
  transaction: EventTransaction | null | undefined;
  /** Types of the relations of other events to it, as of a serial number; undefined until looked up. */
  relations: { readonly types: ReadonlySet<string>; readonly asOf: number } | undefined;

  private parsed: Pdu | undefined;
  private readMembership: Membership | null | undefined;
  private body: string | undefined;

  constructor(row: Omit<EventRow, 'stream_position' | 'chunk_index'>, roomId: string, pdu?: Pdu) {
    this.nid = row.event_nid;
    this.eventId = row.event_id;
    this.roomNid = row.room_nid;
    this.roomId = roomId;
    this.type = row.type;
    this.stateKey = row.state_key ?? undefined;
    this.sender = row.sender;
    this.originServerTs = row.origin_server_ts;
    this.depth = row.depth;
    this.kind = row.kind;
    this.stateLayer = row.state_layer ?? undefined;
    this.stateBefore = row.state_key === null ? this.stateLayer : (row.state_before ?? undefined);
    this.threadRoot = row.thread_root ?? undefined;
    this.notify = row.notify;
    this.notifyMain = row.notify_main;
    this.redactedBy = row.redacted_by ?? undefined;
    this.chunk = row.chunk;
    this.json = row.json;
    this.unsigned = row.unsigned ?? '';
    this.position = 0;
    this.chunkIndex = 0;
    if (pdu) this.keepParsed(pdu);
  }

  static fromRow(row: EventRow, roomId: string): StoredEvent {
    const event = new StoredEvent(row, roomId);
    event.position = row.stream_position ?? 0;
    event.chunkIndex = row.chunk_index ?? 0;
    return event;
  }

  /** The row it was made of, for a changed copy. */
  get row(): Omit<EventRow, 'stream_position' | 'chunk_index'> {
    return {
      event_nid: this.nid,
      event_id: this.eventId,
      room_nid: this.roomNid,
      type: this.type,
      state_key: this.stateKey ?? null,
      sender: this.sender,
      origin_server_ts: this.originServerTs,
      depth: this.depth,
      kind: this.kind,
      chunk: this.chunk,
      state_layer: this.stateLayer ?? null,
      state_before: this.stateBefore ?? null,
      thread_root: this.threadRoot ?? null,
      notify: this.notify,
      notify_main: this.notifyMain,
      redacted_by: this.redactedBy ?? null,
      unsigned: this.unsigned,
      json: this.json,
    };
  }

  /** Whether authorization refused it when it came. */
  get rejected(): boolean {
    return this.kind === EventKind.rejected;
  }

  get pdu(): Pdu {
    return this.parsed ?? this.keepParsed(JSON.parse(this.json) as Pdu);
  }

  private keepParsed(pdu: Pdu): Pdu {
    this.parsed = pdu;
    const pushedOut = latelyParsed.push(this);
    if (pushedOut) pushedOut.parsed = undefined;
    return pdu;
  }

  /** The membership that it sets, read once: rooms with many members ask often. Undefined if it sets none. */
  get membership(): Membership | undefined {
    if (this.readMembership === undefined) {
      this.readMembership = (this.type === 'm.room.member' ? membershipIn(this.content) : undefined) ?? null;
    }
    return this.readMembership ?? undefined;
  }

  get content(): JsonObject {
    return this.pdu.content;
  }

  /** Bytes it takes in memory, about, among many: always the same, for totals to add up. */
  get weight(): number {
    return this.json.length + this.unsigned.length + 700;
  }

  /**
   * The members of the client form that are the same for everybody, serialised once: everything but `unsigned`.
   * Source: https://spec.matrix.org/v1.19/client-server-api/#room-event-format
   */
  get clientMembers(): string {
    return this.body ?? this.keepBody(clientMembers(this));
  }

  private keepBody(body: string): string {
    this.body = body;
    const pushedOut = latelySerialised.push(this);
    if (pushedOut) pushedOut.body = undefined;
    return body;
  }
}

/** The events that were put in last; each comes out once, when it is pushed out. */
class Latest {
  private readonly ring: StoredEvent[] = [];
  private readonly max: number;
  private next = 0;

  constructor(max: number) {
    this.max = max;
  }

  push(event: StoredEvent): StoredEvent | undefined {
    const pushedOut = this.ring[this.next];
    this.ring[this.next] = event;
    this.next = (this.next + 1) % this.max;
    return pushedOut;
  }
}

// A parsed PDU takes about 2 KB, a client form 400 bytes.
const latelyParsed = new Latest(1_000);
const latelySerialised = new Latest(6_000);

function clientMembers(event: StoredEvent): string {
  const { pdu } = event;
  // Clients look for it in either place, whatever the room version.
  const redacts = event.type === 'm.room.redaction' ? (pdu.redacts ?? pdu.content['redacts']) : undefined;
  const content = typeof redacts === 'string' ? withKey(pdu.content, 'redacts', redacts) : pdu.content;
  // In one piece: what is put together of many strings stays so, and takes twice the memory.
  const members = {
    content,
    event_id: event.eventId,
    origin_server_ts: event.originServerTs,
    ...(typeof redacts === 'string' ? { redacts } : {}),
    room_id: event.roomId,
    sender: event.sender,
    ...(event.stateKey === undefined ? {} : { state_key: event.stateKey }),
    type: event.type,
  };
  return JSON.stringify(members).slice(1, -1);
}
