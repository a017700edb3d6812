import type { FederationClient, FederationRequest } from '../../../federation/signed-client/federation-client.ts';
import { RemoteError } from '../../../federation/signed-client/remote-error.ts';
import { uri, withQuery } from '../../../federation/signed-client/uri.ts';
import { OutgoingError } from '../../../outgoing/outgoing-error.ts';
import type { ServerName } from '../../../protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../protocol/json.ts';
import type { Room } from '../room.ts';
import type { SignedEvent } from '../stored-event.ts';
import type { EventChecks } from './check-signatures.ts';

/** Bounds of what is asked of other servers about rooms. */
export interface RemoteLimits {
  /** Milliseconds for one answer. */
  readonly timeout: number;
  /** Bytes of an answer with single events. */
  readonly eventBytes: number;
  /** Bytes of an answer with the state of a room. */
  readonly stateBytes: number;
  /** Events taken from one answer that is not a room's state. */
  readonly events: number;
  /** Events of a room's state, and of its auth chain. */
  readonly stateEvents: number;
}

/** Ids of a room's state before an event, and of its auth chain. */
export interface StateIds {
  readonly state: readonly string[];
  readonly authChain: readonly string[];
}

/** How long an answer is waited for, where that is not as usual. */
export type Waiting = Pick<FederationRequest, 'timeoutMs' | 'signal'>;

/** Which event was sent at a time. */
export interface EventAtTime {
  readonly eventId: string;
  readonly originServerTs: number;
}

/** Asks another server about a room. What it answers is checked for form, signatures and hashes; what fails is left out. */
export class RemoteRooms {
  private readonly client: Pick<FederationClient, 'ask'>;
  private readonly checks: EventChecks;
  private readonly limits: RemoteLimits;

  constructor(client: Pick<FederationClient, 'ask'>, checks: EventChecks, limits: RemoteLimits) {
    this.client = client;
    this.checks = checks;
    this.limits = limits;
  }

  /**
   * Events between those that are known here and `latest`, which is none of them.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#post_matrixfederationv1get_missing_eventsroomid
   * @throws OutgoingError, RemoteError
   */
  async missingEvents(
    server: string,
    room: Room,
    between: { readonly earliest: readonly string[]; readonly latest: readonly string[]; readonly minDepth: number },
  ): Promise<SignedEvent[]> {
    const answer = await this.ask(server, {
      method: 'POST',
      uri: uri`/_matrix/federation/v1/get_missing_events/${room.id}`,
      content: {
        limit: this.limits.events,
        min_depth: between.minDepth,
        earliest_events: [...between.earliest],
        latest_events: [...between.latest],
      },
    });
    return this.events(room, listOf(answer['events'], this.limits.events));
  }

  /**
   * The events before and with those named, newest first as far as the other server knows.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1backfillroomid
   * @throws OutgoingError, RemoteError
   */
  async backfill(server: string, room: Room, from: readonly string[], limit: number): Promise<SignedEvent[]> {
    const path = uri`/_matrix/federation/v1/backfill/${room.id}`;
    const answer = await this.ask(server, { method: 'GET', uri: withQuery(path, { v: from, limit }) });
    return this.events(room, listOf(answer['pdus'], limit));
  }

  /** One event. @throws OutgoingError, RemoteError; undefined if it is not valid */
  async event(server: string, room: Room, eventId: string, waiting: Waiting = {}): Promise<SignedEvent | undefined> {
    const path = uri`/_matrix/federation/v1/event/${eventId}`;
    const answer = await this.ask(server, { method: 'GET', uri: path, ...waiting });
    const events = await this.events(room, listOf(answer['pdus'], 1));
    return events.find((event) => event.eventId === eventId);
  }

  /**
   * The event closest to a time in a direction, as the other server knows the room.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#get_matrixfederationv1timestamp_to_eventroomid
   * @throws OutgoingError, RemoteError
   */
  async eventByTime(server: string, room: Room, ts: number, dir: 'f' | 'b'): Promise<EventAtTime | undefined> {
    const path = uri`/_matrix/federation/v1/timestamp_to_event/${room.id}`;
    const answer = await this.ask(server, { method: 'GET', uri: withQuery(path, { ts, dir }) });
    const { event_id: eventId, origin_server_ts: originServerTs } = answer;
    if (typeof eventId !== 'string' || typeof originServerTs !== 'number') return undefined;
    return { eventId, originServerTs };
  }

  /** The auth chain of an event. @throws OutgoingError, RemoteError */
  async authChain(server: string, room: Room, eventId: string): Promise<SignedEvent[]> {
    const path = uri`/_matrix/federation/v1/event_auth/${room.id}/${eventId}`;
    const answer = await this.ask(server, { method: 'GET', uri: path, maxBytes: this.limits.stateBytes });
    return this.events(room, listOf(answer['auth_chain'], this.limits.stateEvents));
  }

  /** The state before an event, as ids. @throws OutgoingError, RemoteError */
  async stateIds(server: string, room: Room, eventId: string, waiting: Waiting = {}): Promise<StateIds> {
    const path = withQuery(uri`/_matrix/federation/v1/state_ids/${room.id}`, { event_id: eventId });
    const answer = await this.ask(server, { method: 'GET', uri: path, maxBytes: this.limits.stateBytes, ...waiting });
    const ids = (value: JsonValue | undefined) =>
      listed(value, this.limits.stateEvents).filter((id): id is string => typeof id === 'string');
    return { state: ids(answer['pdu_ids']), authChain: ids(answer['auth_chain_ids']) };
  }

  /** The state before an event and its auth chain, as events in one list. @throws OutgoingError, RemoteError */
  async state(server: string, room: Room, eventId: string): Promise<SignedEvent[]> {
    return (await this.wholeState(server, room, eventId)).events;
  }

  /** The same, with the ids of those that are not valid. @throws OutgoingError, RemoteError */
  async wholeState(
    server: string,
    room: Room,
    eventId: string,
    waiting: Waiting = {},
  ): Promise<{ events: SignedEvent[]; invalid: ReadonlySet<string> }> {
    const path = withQuery(uri`/_matrix/federation/v1/state/${room.id}`, { event_id: eventId });
    const answer = await this.ask(server, { method: 'GET', uri: path, maxBytes: this.limits.stateBytes, ...waiting });
    const most = this.limits.stateEvents;
    const received = [...listOf(answer['auth_chain'], most), ...listOf(answer['pdus'], most)];
    const checked = await this.checks.check(received, room.rules, room.id);
    return {
      events: checked.flatMap((one) => (one.ok ? [one.event] : [])),
      invalid: new Set(checked.flatMap((one) => (one.ok ? [] : [one.eventId]))),
    };
  }

  private ask(server: string, request: Omit<FederationRequest, 'destination'>): Promise<JsonObject> {
    const { timeout: timeoutMs, eventBytes: maxBytes } = this.limits;
    return this.client.ask({ destination: server as ServerName, timeoutMs, maxBytes, ...request });
  }

  private async events(room: Room, received: readonly JsonObject[]): Promise<SignedEvent[]> {
    const checked = await this.checks.check(received, room.rules, room.id);
    return checked.flatMap((one) => (one.ok ? [one.event] : []));
  }
}

function listed(value: JsonValue | undefined, most: number): readonly JsonValue[] {
  return Array.isArray(value) ? value.slice(0, most) : [];
}

function listOf(value: JsonValue | undefined, most: number): JsonObject[] {
  return listed(value, most).filter(isJsonObject);
}

/** Whether somebody else could not be asked, or answered badly: no fault of this server. */
export function isRemoteFailure(error: unknown): boolean {
  return error instanceof RemoteError || error instanceof OutgoingError;
}
