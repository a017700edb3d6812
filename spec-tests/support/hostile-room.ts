import { authEventKeys } from '../../src/protocol/authorization/auth-event-keys.ts';
import { canonicalJson } from '../../src/protocol/canonical-json/canonical-json.ts';
import { type BuiltEvent, buildEvent, type EventPrototype } from '../../src/protocol/events/build-event.ts';
import { referenceTo } from '../../src/protocol/events/event-reference.ts';
import type { Pdu } from '../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { roomVersion } from '../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../src/protocol/room-versions/rules.ts';
import { contentHash } from '../../src/protocol/signing/event-hash.ts';
import { signEvent } from '../../src/protocol/signing/sign-event.ts';
import type { HostileServer } from './hostile-server.ts';

/** What an event of such a room says. */
export interface HostileDraft {
  readonly type: string;
  readonly sender?: string;
  readonly stateKey?: string;
  readonly content: JsonObject;
}

let made = 0;

/** A room of a hostile server: its events are properly made, unless the test spoils them. */
export class HostileRoom {
  readonly server: HostileServer;
  readonly rules: RoomVersionRules;
  readonly id: string;
  readonly create: BuiltEvent;
  /** Every event, oldest first. */
  readonly events: BuiltEvent[] = [];
  readonly state = new Map<string, BuiltEvent>();
  private readonly now: () => number;

  /** @param options.now milliseconds, as the servers of the test see it */
  constructor(server: HostileServer, options: { version?: string; joinRule?: string; now: () => number }) {
    const { version = '12', joinRule = 'public', now } = options;
    this.server = server;
    this.now = now;
    made += 1;
    this.rules = roomVersion(version)!;
    const chosen = this.rules.roomIdIsCreateHash ? {} : { room_id: `!hostile${made}:${server.name}` };
    this.create = this.sign({
      ...{ type: 'm.room.create', sender: this.owner, state_key: '', ...chosen },
      content: { room_version: version, ...(this.rules.implicitRoomCreator ? {} : { creator: this.owner }) },
      ...{ depth: 1, prev_events: [], auth_events: [], origin_server_ts: now() + made },
    });
    this.id = this.create.roomId;
    this.keep(this.create);
    this.add({ type: 'm.room.member', stateKey: this.owner, content: { membership: 'join' } });
    const users: JsonObject = this.rules.privilegedCreators ? {} : { [this.owner]: 100 };
    this.add({ type: 'm.room.power_levels', stateKey: '', content: { users } });
    this.add({ type: 'm.room.join_rules', stateKey: '', content: { join_rule: joinRule } });
  }

  get owner(): string {
    return this.server.user('owner');
  }

  /** An event on top of the last one, properly made and not added to the room. */
  build({ type, sender = this.owner, stateKey, content }: HostileDraft): BuiltEvent {
    return this.sign(this.template({ type, sender, ...(stateKey === undefined ? {} : { stateKey }), content }));
  }

  /** The same, without hashes and signatures. */
  template({ type, sender = this.owner, stateKey, content }: HostileDraft): EventPrototype {
    const last = this.events.at(-1)!;
    const prototype = {
      ...{ type, sender, room_id: this.id, content, origin_server_ts: this.now() },
      ...{ depth: last.pdu.depth + 1, prev_events: [referenceTo(last, this.rules)] },
      ...(stateKey === undefined ? {} : { state_key: stateKey }),
    };
    const auth = authEventKeys(this.rules, prototype as unknown as Pdu)
      .map(([authType, key]) => this.state.get(`${authType} ${key}`))
      .filter((event) => event !== undefined)
      .map((event) => referenceTo(event, this.rules));
    return { ...prototype, auth_events: auth };
  }

  add(draft: HostileDraft): BuiltEvent {
    const event = this.build(draft);
    this.keep(event);
    return event;
  }

  /** An event of anybody, signed by the hostile server. */
  sign(prototype: EventPrototype): BuiltEvent {
    return buildEvent(prototype, this.rules, { serverName: this.server.name, key: this.server.key });
  }

  /** The same event by another id, where servers choose ids. */
  renamed({ pdu, ...event }: BuiltEvent, eventId: string): BuiltEvent {
    const named: Pdu = { ...pdu, event_id: eventId, signatures: {} };
    named.hashes = { sha256: contentHash(named, this.rules) };
    signEvent(named, this.rules, { serverName: this.server.name, key: this.server.key });
    return { ...event, eventId: eventId as BuiltEvent['eventId'], pdu: named, json: canonicalJson(named) };
  }

  /** Makes an event the last of the room. */
  keep(event: BuiltEvent): void {
    this.events.push(event);
    if (event.pdu.state_key !== undefined) this.state.set(`${event.pdu.type} ${event.pdu.state_key}`, event);
  }
}
