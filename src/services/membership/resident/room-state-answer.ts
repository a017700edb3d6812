import { membershipIn } from '../../../protocol/events/content-readers.ts';
import type { Storage } from '../../../storage/contract/storage.ts';
import type { AuthChains } from '../../timeline/auth-chains.ts';
import type { Room } from '../../timeline/room.ts';
import { stateOfLayers } from '../../timeline/state-layers.ts';
import type { StoredEvent } from '../../timeline/stored-event.ts';

/** The state of a room and what proves it, as JSON arrays. */
export interface RoomStateAnswer {
  readonly state: string;
  readonly authChain: string;
}

/** Users by whom a room without a name is recognised. */
const HEROES = 5;

/** Tells a server that has just joined what the room is. */
export class RoomStateAnswers {
  private readonly storage: Storage;
  private readonly chains: AuthChains;

  constructor(storage: Storage, chains: AuthChains) {
    this.storage = storage;
    this.chains = chains;
  }

  /**
   * The state before an event with the auth chains of it and of the event. Without members, those are left out but for
   * a few who name the room, and the auth chain has nothing that the state has.
   * Source: https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv2send_joinroomideventid
   */
  async before(room: Room, event: StoredEvent, options: { omitMembers: boolean }): Promise<RoomStateAnswer> {
    const nids = await this.stateBefore(room, event, options.omitMembers);
    const { state, authChain } = await this.chains.ofState(room, nids);
    const own = await this.chains.of(room, [event.pdu]);
    const proof = new Set([...authChain.values(), ...own.values()]);
    if (options.omitMembers) for (const nid of state.values()) proof.delete(nid);
    return { state: await this.array(state.values()), authChain: await this.array(proof) };
  }

  private async stateBefore(room: Room, event: StoredEvent, omitMembers: boolean): Promise<number[]> {
    const { stateBefore: layer } = event;
    if (layer === undefined) return [];
    const entries = stateOfLayers(await this.storage.readHeavy((tx) => tx.rooms.layers(layer)));
    if (!omitMembers) return [...entries.values()];
    const keys = await this.storage.readHeavy((tx) => tx.rooms.stateKeys(room.nid));
    const heroes = heroesFor(room, event.sender);
    const kept = keys.filter((key) => key.type !== 'm.room.member' || heroes.has(key.state_key));
    return kept.flatMap((key) => entries.get(key.key_nid) ?? []);
  }

  private async array(nids: Iterable<number>): Promise<string> {
    const texts: string[] = [];
    for await (const batch of this.chains.texts(nids)) texts.push(batch.join(','));
    return `[${texts.join(',')}]`;
  }
}

/** Members who stand for a room that has neither name nor alias. */
function heroesFor(room: Room, joiner: string): ReadonlySet<string> {
  const heroes = new Set<string>();
  if (room.get('m.room.name', '') || room.get('m.room.canonical_alias', '')) return heroes;
  for (const member of room.stateEventsOfType('m.room.member')) {
    const membership = membershipIn(member.content);
    if (member.stateKey !== joiner && (membership === 'join' || membership === 'invite')) heroes.add(member.stateKey!);
    if (heroes.size === HEROES) break;
  }
  return heroes;
}
