import type { IncomingMessage, ServerResponse } from 'node:http';
import { canonicalJson } from '../../src/protocol/canonical-json/canonical-json.ts';
import type { BuiltEvent } from '../../src/protocol/events/build-event.ts';
import type { Pdu } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { authEventIds } from '../../src/protocol/state-resolution/event-lookup.ts';
import type { HostileDraft, HostileRoom } from './hostile-room.ts';
import { type HostileServer, json } from './hostile-server.ts';

/**
 * A server that lets others into its room, and leaves the members out of what it tells them of the room if they want
 * that. The rest it tells when the test lets it.
 */
export class ScriptedResident {
  readonly server: HostileServer;
  readonly room: HostileRoom;
  /** What becomes of requests for the state: answered, kept waiting, or refused. */
  telling: 'state' | 'nothing' | 'errors' = 'nothing';
  /** Servers that are said to be in the room. */
  servers: string[];
  /** Operations that it was asked for, in order. */
  readonly asked: string[] = [];
  /** Events that were sent to it. */
  readonly received: Pdu[] = [];
  /** What it answers when it is asked for missing events. */
  readonly missing: BuiltEvent[] = [];
  private readonly before = new Map<string, readonly BuiltEvent[]>();
  private held: (() => void)[] = [];

  constructor(server: HostileServer, room: HostileRoom) {
    this.server = server;
    this.room = room;
    this.servers = [server.name];
    server.scripts.unshift((request, response, body) => this.answer(request, response, body));
  }

  /** Tells the state to whoever waits, and to all who ask from now on. */
  tell(): void {
    this.telling = 'state';
    for (const answer of this.held.splice(0)) answer();
  }

  /** Somebody of this server enters the room, or is made to leave. */
  member(localpart: string, membership = 'join', sender = localpart): BuiltEvent {
    const stateKey = this.server.user(localpart);
    return this.room.add({
      type: 'm.room.member',
      sender: this.server.user(sender),
      stateKey,
      content: { membership },
    });
  }

  /** An event on top of the last one that names these as its auth events, whatever the state is. */
  naming(authEvents: readonly BuiltEvent[], draft: HostileDraft): BuiltEvent {
    const template = this.room.template(draft);
    return this.room.sign({ ...template, auth_events: authEvents.map(({ eventId }) => eventId) });
  }

  /** Tells of an event that the state before it is that after another one. */
  pretend(event: BuiltEvent, after: BuiltEvent): void {
    const state = new Map<string, BuiltEvent>();
    for (const one of this.room.events) {
      if (one.pdu.state_key !== undefined) state.set(`${one.pdu.type} ${one.pdu.state_key}`, one);
      if (one === after) break;
    }
    this.before.set(event.eventId, [...state.values()]);
    this.room.events.push(event);
  }

  private answer(request: IncomingMessage, response: ServerResponse, body: string): boolean {
    const url = new URL(request.url ?? '', 'https://localhost');
    const [, operation = '', ...parts] = /\/_matrix\/federation\/v\d\/(\w+)\/(.*)/.exec(url.pathname) ?? [];
    if (operation === '') return false;
    const [first = '', second = ''] = parts.join('').split('/').map(decodeURIComponent);
    this.asked.push(operation);
    const asked: Record<string, () => void> = {
      make_join: () => json(response, 200, this.template(second)),
      send_join: () => json(response, 200, this.takeJoin(second, body, url.searchParams.has('omit_members'))),
      state_ids: () => this.whenTelling(response, () => this.stateIds(url.searchParams.get('event_id') ?? '')),
      state: () => this.whenTelling(response, () => this.state(url.searchParams.get('event_id') ?? '')),
      event: () => this.event(response, first),
      event_auth: () => json(response, 200, { auth_chain: pdus(this.room.events) }),
      send: () => this.take(response, body),
      get_missing_events: () => json(response, 200, { events: pdus(this.missing) }),
    };
    const act = asked[operation];
    if (!act || (first !== this.room.id && !['event', 'send'].includes(operation))) return false;
    act();
    return true;
  }

  private template(userId: string): JsonObject {
    const draft = { type: 'm.room.member', sender: userId, stateKey: userId, content: { membership: 'join' } };
    const event = this.room.template(draft) as unknown as JsonObject;
    return { room_version: this.room.rules.version, event };
  }

  private takeJoin(eventId: string, body: string, omitMembers: boolean): JsonObject {
    const pdu = JSON.parse(body) as Pdu;
    const state = [...this.room.state.values()];
    this.before.set(eventId, state);
    const join = { eventId, pdu, json: canonicalJson(pdu), roomId: this.room.id } as unknown as BuiltEvent;
    const told = omitMembers ? state.filter((event) => event.pdu.type !== 'm.room.member') : state;
    const answer = {
      state: pdus(told),
      auth_chain: pdus(this.chain([...told, join])),
      members_omitted: omitMembers,
      ...(omitMembers ? { servers_in_room: this.servers } : {}),
    };
    this.room.keep(join);
    return answer;
  }

  /** The events that these name, and so on. */
  private chain(of: readonly BuiltEvent[]): BuiltEvent[] {
    const known = new Map<string, BuiltEvent>(this.room.events.map((event) => [event.eventId, event]));
    const found = new Map<string, BuiltEvent>();
    for (const next: string[] = of.flatMap(({ pdu }) => authEventIds(pdu)); next.length > 0; ) {
      const event = known.get(next.pop()!);
      if (!event || found.has(event.eventId)) continue;
      found.set(event.eventId, event);
      next.push(...authEventIds(event.pdu));
    }
    return [this.room.create, ...[...found.values()].filter((event) => event !== this.room.create)];
  }

  private whenTelling(response: ServerResponse, answer: () => JsonObject | undefined): void {
    const act = () => {
      const told = this.telling === 'state' ? answer() : undefined;
      if (told) json(response, 200, told);
      else json(response, 404, { errcode: 'M_NOT_FOUND', error: 'No' });
    };
    if (this.telling === 'nothing') this.held.push(act);
    else act();
  }

  private stateIds(eventId: string): JsonObject | undefined {
    const state = this.before.get(eventId);
    return state && { pdu_ids: ids(state), auth_chain_ids: ids(this.chain(state)) };
  }

  private state(eventId: string): JsonObject | undefined {
    const state = this.before.get(eventId);
    return state && { pdus: pdus(state), auth_chain: pdus(this.chain(state)) };
  }

  private event(response: ServerResponse, eventId: string): void {
    const event = this.room.events.find((one) => one.eventId === eventId);
    if (event) json(response, 200, { origin: this.server.name, origin_server_ts: 0, pdus: pdus([event]) });
    else json(response, 404, { errcode: 'M_NOT_FOUND', error: 'No' });
  }

  private take(response: ServerResponse, body: string): void {
    const sent = (JSON.parse(body) as { pdus?: Pdu[] }).pdus ?? [];
    this.received.push(...sent);
    json(response, 200, { pdus: {} });
  }
}

function ids(events: readonly BuiltEvent[]): string[] {
  return events.map(({ eventId }) => eventId);
}

function pdus(events: readonly BuiltEvent[]): JsonObject[] {
  return events.map(({ pdu }) => pdu);
}
