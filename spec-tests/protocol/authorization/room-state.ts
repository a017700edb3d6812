import type { Candidate } from '../../../src/protocol/authorization/authorize.ts';
import type { Pdu, RoomEvent, StateView } from '../../../src/protocol/events/pdu.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { roomVersion } from '../../../src/protocol/room-versions/index.ts';
import type { RoomVersionRules } from '../../../src/protocol/room-versions/rules.ts';

export const CREATOR = '@creator:a.test';
export const MOD = '@mod:a.test';
export const MEMBER = '@member:a.test';
export const PEER = '@peer:b.test';
export const INVITED = '@invited:b.test';
export const BANNED = '@banned:b.test';
export const KNOCKING = '@knocking:b.test';
export const STRANGER = '@stranger:b.test';

export function rulesOf(version: string): RoomVersionRules {
  const rules = roomVersion(version);
  if (!rules) throw new Error(`no such room version: ${version}`);
  return rules;
}

/** The state of a room of any version, with users of every membership; all of it may be replaced. */
export class RoomState implements StateView {
  readonly rules: RoomVersionRules;
  readonly #events = new Map<string, RoomEvent>();

  constructor(readonly version: string) {
    this.rules = rulesOf(version);
    const content: JsonObject = version === '1' ? {} : { room_version: version };
    if (!this.rules.implicitRoomCreator) content['creator'] = CREATOR;
    this.set('m.room.create', '', CREATOR, content);
    for (const user of [CREATOR, MOD, MEMBER, PEER]) this.member(user, 'join');
    this.member(INVITED, 'invite').member(BANNED, 'ban').member(KNOCKING, 'knock');
    const users: JsonObject = { [MOD]: 50 };
    if (!this.rules.privilegedCreators) users[CREATOR] = 100;
    this.set('m.room.power_levels', '', CREATOR, { users });
    this.joinRule('invite');
  }

  get createId(): string {
    return '$create:a.test';
  }

  get roomId(): string {
    return this.rules.roomIdIsCreateHash ? '!create:a.test' : '!room:a.test';
  }

  get(type: string, stateKey: string): RoomEvent | undefined {
    return this.#events.get(JSON.stringify([type, stateKey]));
  }

  set(type: string, stateKey: string, sender: string, content: JsonObject): this {
    const { pdu } = this.event(type, sender, content, stateKey);
    if (type === 'm.room.create') {
      pdu.prev_events = [];
      if (this.rules.roomIdIsCreateHash) delete pdu.room_id;
    }
    const eventId = type === 'm.room.create' ? this.createId : `$${type}/${stateKey}`;
    this.#events.set(JSON.stringify([type, stateKey]), { eventId, pdu });
    return this;
  }

  unset(type: string, stateKey: string): this {
    this.#events.delete(JSON.stringify([type, stateKey]));
    return this;
  }

  member(user: string, membership: string): this {
    return this.set('m.room.member', user, user, { membership });
  }

  joinRule(joinRule: string): this {
    return this.set('m.room.join_rules', '', CREATOR, { join_rule: joinRule });
  }

  powerLevels(content: JsonObject): this {
    return this.set('m.room.power_levels', '', CREATOR, content);
  }

  /** A candidate for this room; a state event if `stateKey` is given. */
  event(type: string, sender: string, content: JsonObject = {}, stateKey?: string): Candidate {
    const pdu: Pdu = {
      type,
      room_id: this.roomId,
      sender,
      content,
      origin_server_ts: 1,
      depth: 9,
      auth_events: [],
      prev_events: ['$before:a.test'],
      hashes: { sha256: '' },
      signatures: {},
    };
    if (stateKey !== undefined) pdu.state_key = stateKey;
    return { pdu, eventId: '$candidate:a.test' };
  }

  membership(sender: string, membership: string, target = sender, content: JsonObject = {}): Candidate {
    return this.event('m.room.member', sender, { ...content, membership }, target);
  }
}
