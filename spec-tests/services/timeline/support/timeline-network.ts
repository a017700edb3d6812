import type { FederationRequest } from '../../../../src/federation/signed-client/federation-client.ts';
import { RemoteError } from '../../../../src/federation/signed-client/remote-error.ts';
import { prevEventIds } from '../../../../src/protocol/events/prev-event-ids.ts';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { AuthChains } from '../../../../src/services/timeline/auth-chains.ts';
import type { Room } from '../../../../src/services/timeline/room.ts';
import { entriesOf } from '../../../../src/services/timeline/state-layers.ts';
import type { StoredEvent } from '../../../../src/services/timeline/stored-event.ts';
import { EventKind } from '../../../../src/storage/contract/events.ts';
import { keysOf, RemoteServer } from '../../../support/remote-server.ts';
import { TestTimeline } from './test-timeline.ts';

type Links = ReadonlySet<string>;
const linkOf = (a: string, b: string) => [a, b].sort().join(' ');
const pduOf = (event: StoredEvent) => JSON.parse(event.json) as JsonObject;

/** One of the servers of a network: its timeline, and what waits to be sent to each of the others. */
export class NetworkServer {
  readonly waiting = new Map<string, StoredEvent[]>();

  constructor(
    readonly identity: RemoteServer,
    readonly rig: TestTimeline,
  ) {}

  get name(): string {
    return this.identity.name;
  }

  async room(roomId: string): Promise<Room> {
    return (await this.rig.rooms.get(roomId))!;
  }
}

/** Timelines of several servers that send their events to each other, as far as they are connected. */
export class TimelineNetwork {
  readonly servers: NetworkServer[] = [];
  readonly cut = new Set<string>() as Set<string> & Links;

  /** Nobody tells this server what the state is. */
  untold: NetworkServer | undefined;

  static async start(count: number): Promise<TimelineNetwork> {
    const network = new TimelineNetwork();
    const identities = Array.from({ length: count }, (_, i) => new RemoteServer(`s${i}.example`, i + 1));
    for (const [i, identity] of identities.entries()) {
      // One of them takes every conflict for a large one: it must come to the same state.
      const rig = await TestTimeline.start({ server: identity, ...(i === 1 ? { inlineEvents: 1 } : {}) });
      const server = new NetworkServer(identity, rig);
      rig.keys = keysOf(...identities);
      rig.network = { ask: (request) => network.ask(server, request) };
      network.servers.push(server);
      rig.notices.on('timeline', ({ eventNid }) => network.noteLocal(server, rig.events.peek(eventNid)!));
    }
    return network;
  }

  async stop(): Promise<void> {
    for (const { rig } of this.servers) await rig.stop();
  }

  private noteLocal(server: NetworkServer, event: StoredEvent): void {
    if (!event.sender.endsWith(`:${server.name}`)) return;
    for (const other of this.servers) {
      if (other === server) continue;
      const queue = server.waiting.get(other.name) ?? [];
      server.waiting.set(other.name, queue);
      queue.push(event);
    }
  }

  isCut(a: NetworkServer, b: NetworkServer): boolean {
    return this.cut.has(linkOf(a.name, b.name));
  }

  cutOrHeal(a: NetworkServer, b: NetworkServer): void {
    const link = linkOf(a.name, b.name);
    if (!this.cut.delete(link)) this.cut.add(link);
  }

  /** Sends up to `count` events that wait. */
  async deliver(from: NetworkServer, to: NetworkServer, count: number): Promise<void> {
    if (this.isCut(from, to)) return;
    const events = from.waiting.get(to.name)?.splice(0, count) ?? [];
    if (events.length === 0) return;
    await to.rig.receiver.receive(from.name, events[0]!.roomId, events.map(pduOf));
  }

  /** Sends everything that waits, until nothing does. */
  async deliverAll(): Promise<void> {
    this.cut.clear();
    for (const from of this.servers) {
      for (const to of this.servers) while (from.waiting.get(to.name)?.length) await this.deliver(from, to, 50);
    }
  }

  /** Lets a server join the room of another; if it is partial, without being told of the members. */
  async enter(
    to: NetworkServer,
    resident: NetworkServer,
    roomId: string,
    userId: string,
    { isPartial = false } = {},
  ): Promise<void> {
    const room = await resident.room(roomId);
    const draft = { type: 'm.room.member', sender: userId, stateKey: userId, content: { membership: 'join' } };
    const { buildEvent } = await import('../../../../src/protocol/events/build-event.ts');
    const signer = { serverName: to.name, key: to.identity.key };
    const built = buildEvent(resident.rig.timeline.prepare(room, draft), room.rules, signer);
    const told = isPartial ? [...room.stateEventsButMembers()] : [...room.stateEvents()];
    const state = told.map(pduOf);
    const servers = isPartial ? [...room.joinedServers.keys()] : undefined;
    const chain = await new AuthChains(resident.rig.storage).of(room, [built.pdu, ...told.map((e) => e.pdu)]);
    const rows = await resident.rig.storage.read((tx) => tx.events.byNids([...chain.values()]));
    await resident.rig.timeline.change(roomId, (turn, now) => resident.rig.timeline.appendSigned(turn, now, built));
    const authChain = rows.map((row) => JSON.parse(row.json) as JsonObject);
    const joinEvent = JSON.parse(built.json) as JsonObject;
    const answer = { roomId, version: room.version, origin: resident.name, joinEvent, state, authChain };
    await to.rig.import.join({ ...answer, servers });
    for (const other of this.servers)
      if (other !== resident && other !== to) await this.tell(other, resident, joinEvent);
  }

  private async tell(to: NetworkServer, from: NetworkServer, pdu: JsonObject): Promise<void> {
    const roomId = pdu['room_id'] as string;
    if (await to.rig.rooms.get(roomId)) await to.rig.receiver.receive(from.name, roomId, [pdu]);
  }

  private async ask(from: NetworkServer, request: FederationRequest): Promise<JsonObject> {
    const to = this.servers.find(({ name }) => name === request.destination);
    if (from === this.untold && /\/state(_ids)?\//.test(request.uri)) throw new RemoteError(request.destination, 404);
    const answer = to && !this.isCut(from, to) ? await answerOf(to, request) : undefined;
    if (!answer) throw new RemoteError(request.destination, 404);
    return answer;
  }
}

async function answerOf({ rig }: NetworkServer, { uri, content }: FederationRequest): Promise<JsonObject | undefined> {
  const url = new URL(uri, 'https://x');
  const [, , , , what, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const eventId = url.searchParams.get('event_id') ?? (what === 'event' ? rest[0]! : rest[1]!);
  const row = eventId === undefined ? undefined : await rig.storage.read((tx) => tx.events.byId(eventId));
  const roomId = what === 'event' ? undefined : rest[0]!;
  const room = roomId === undefined ? undefined : await rig.rooms.get(roomId);
  if (what === 'event') return row && { pdus: [JSON.parse(row.json) as JsonObject] };
  if (!room) return undefined;
  const chains = new AuthChains(rig.storage);
  if (what === 'get_missing_events') return { events: await missingEvents(rig, room, content!) };
  const event = row && rig.events.ofRow(row, room.id);
  if (!event) return undefined;
  if (what === 'event_auth') {
    const nids = [...(await chains.of(room, [event.pdu])).values()];
    const rows = await rig.storage.read((tx) => tx.events.byNids(nids));
    return { auth_chain: rows.map((one) => JSON.parse(one.json) as JsonObject) };
  }
  if (event.stateBefore === undefined) return undefined;
  const nids = [...entriesOf(await rig.layers.stack(event.stateBefore)).values()];
  const { state, authChain } = await chains.ofState(room, nids);
  if (what === 'state_ids') return { pdu_ids: [...state.keys()], auth_chain_ids: [...authChain.keys()] };
  const texts = async (wanted: Iterable<number>) =>
    (await rig.storage.read((tx) => tx.events.byNids([...wanted]))).map((one) => JSON.parse(one.json) as JsonObject);
  return { pdus: await texts(state.values()), auth_chain: await texts(authChain.values()) };
}

async function missingEvents(rig: TestTimeline, room: Room, content: JsonObject): Promise<JsonObject[]> {
  const earliest = new Set(content['earliest_events'] as string[]);
  const found = new Map<string, StoredEvent>();
  let next = content['latest_events'] as string[];
  while (next.length > 0 && found.size < Number(content['limit'])) {
    const events = await rig.events.byIds(next, room);
    const before = [...events.values()].flatMap(({ pdu }) => prevEventIds(pdu)).filter((id) => !earliest.has(id));
    next = [...new Set(before)].filter((id) => !found.has(id));
    for (const event of (await rig.events.byIds(next, room)).values()) {
      if (event.kind !== EventKind.outlier && event.kind !== EventKind.rejected) found.set(event.eventId, event);
    }
  }
  return [...found.values()].slice(0, Number(content['limit'])).reverse().map(pduOf);
}
