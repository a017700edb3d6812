import { deepStrictEqual, ok } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import type { EventDraft } from '../../../src/services/timeline/event-template.ts';
import { EventKind } from '../../../src/storage/contract/events.ts';
import { STATE_RETRY_MS } from './support/test-timeline.ts';
import { type NetworkServer, TimelineNetwork } from './support/timeline-network.ts';

/** `npm run soak` runs more of them; `CONVERGENCE_SEED` runs one again. */
const RUNS = Number(process.env['CONVERGENCE_RUNS'] ?? 4);
const SEED = process.env['CONVERGENCE_SEED'];
const FIRST_SEED = Number(SEED ?? 1);
const STEPS = 40;
const VERSIONS = ['12', '11', '10', '2', '1'];

/** The same numbers for the same seed, on every machine. */
class Dice {
  constructor(private state: number) {}

  /** A whole number from 0 to `sides` − 1. */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  }

  of<T>(things: readonly T[]): T {
    return things[this.roll(things.length)]!;
  }
}

/** How many of them have a server that is not told all members when it joins. */
const PARTIAL_RUNS = SEED === undefined ? Math.ceil(RUNS / 2) : 1;

const keeperOf = (server: string) => `@keeper:${server}`;

class Story {
  readonly dice: Dice;
  readonly sent: string[] = [];
  roomId = '';
  users: string[] = [];
  /** The server that has not been told all members. */
  private partial: NetworkServer | undefined;

  constructor(
    readonly network: TimelineNetwork,
    seed: number,
  ) {
    this.dice = new Dice(seed);
  }

  private homeOf(user: string): NetworkServer {
    return this.network.servers.find(({ name }) => user.endsWith(`:${name}`))!;
  }

  /** @param lateComer a server that joins later, without being told all members */
  async begin(version: string, lateComer?: NetworkServer): Promise<void> {
    const [first, ...all] = this.network.servers as [NetworkServer, ...NetworkServer[]];
    const others = all.filter((server) => server !== lateComer);
    const { roomVersion } = await import('../../../src/protocol/room-versions/index.ts');
    const rules = roomVersion(version)!;
    const creator = `@u0:${first.name}`;
    this.users = this.network.servers.flatMap(({ name }) => [`@u0:${name}`, `@u1:${name}`]);
    const state = (type: string, content: EventDraft['content'], stateKey = '') => ({
      ...{ type, content, stateKey, sender: creator },
    });
    // Of each server one stays in the room whatever happens: who is not in it learns no more.
    const levels = Object.fromEntries(this.users.filter((u) => u.startsWith('@u0')).map((user) => [user, 90]));
    for (const { name } of this.network.servers) levels[keeperOf(name)] = 99;
    if (rules.privilegedCreators) delete levels[creator];
    else levels[creator] = 100;
    const room = await first.rig.timeline.createRoom({
      ...{ rules, creator, isPublic: false, chooseRoomId: () => `!chosen:${first.name}` },
      content: rules.implicitRoomCreator ? { room_version: version } : { room_version: version, creator },
      following: () => [
        state('m.room.member', { membership: 'join' }, creator),
        state('m.room.power_levels', { users: levels, state_default: 30, events_default: 0 }),
        state('m.room.join_rules', { join_rule: 'public' }),
      ],
    });
    this.roomId = room.id;
    for (const server of this.network.servers) server.waiting.clear();
    for (const other of others) await this.network.enter(other, first, room.id, keeperOf(other.name));
    for (const user of [keeperOf(first.name), ...this.users]) {
      if (lateComer && this.homeOf(user) === lateComer) continue;
      if (user !== creator) await this.send({ ...state('m.room.member', { membership: 'join' }, user), sender: user });
    }
    await this.network.deliverAll();
  }

  /** Sends as the user's server does; what the rules refuse is no fault. */
  async send(draft: EventDraft): Promise<void> {
    const home = this.homeOf(draft.sender);
    // Others decide who comes and goes while the server does not know who is there.
    if (draft.type === 'm.room.member' && (await home.room(this.roomId))?.partial) return;
    home.rig.clock.advance(1 + this.dice.roll(50));
    try {
      const event = await home.rig.timeline.send(this.roomId, draft);
      this.sent.push(event.eventId);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
    }
  }

  /** The late-comer enters the room of the first server. */
  async enterLate(lateComer: NetworkServer): Promise<void> {
    const { network, roomId } = this;
    const sender = keeperOf(network.servers[0]!.name);
    await network.deliverAll();
    await this.send({ type: 'm.room.join_rules', stateKey: '', sender, content: { join_rule: 'public' } });
    await network.deliverAll();
    network.untold = lateComer;
    await network.enter(lateComer, network.servers[0]!, roomId, keeperOf(lateComer.name), { isPartial: true });
    ok((await lateComer.room(roomId)).partial);
    this.partial = lateComer;
    this.users.push(keeperOf(lateComer.name));
  }

  /** It is told who was there. */
  async tellMembers(): Promise<void> {
    const { partial, network } = this;
    if (!partial) return;
    this.partial = undefined;
    this.users.pop();
    network.cut.clear();
    network.untold = undefined;
    const { clock, stateJobs } = partial.rig;
    await stateJobs.drain();
    clock.advance(STATE_RETRY_MS);
    await stateJobs.drain();
    ok(!(await partial.room(this.roomId)).partial);
  }

  async step(): Promise<void> {
    const { dice, network } = this;
    const sender = dice.of(this.users);
    const state = (type: string, content: EventDraft['content'], stateKey = '') =>
      this.send({ type, content, stateKey, sender });
    const member = (membership: string, user: string) => state('m.room.member', { membership }, user);
    switch (dice.roll(12)) {
      case 0:
      case 1:
        return this.send({ type: 'm.room.message', sender, content: { body: `${dice.roll(1_000)}` } });
      case 2:
        return state('m.room.topic', { topic: `${dice.roll(1_000)}` });
      case 3:
        return state(`org.example.${dice.roll(3)}`, { n: dice.roll(1_000) }, dice.of(['', 'a', sender]));
      case 4:
        return member(
          dice.of(['ban', 'leave', 'invite']),
          dice.of(this.users.filter((user) => !user.startsWith('@keeper'))),
        );
      case 5:
        return sender.startsWith('@keeper') ? undefined : member(dice.of(['join', 'join', 'leave']), sender);
      case 6:
        return this.changeLevels(sender);
      case 7:
        return state('m.room.join_rules', { join_rule: dice.of(['public', 'invite']) });
      case 8:
        return network.cutOrHeal(...this.pair());
      default:
        return network.deliver(...this.pair(), 1 + dice.roll(5));
    }
  }

  private pair(): [NetworkServer, NetworkServer] {
    const { servers } = this.network;
    const from = this.dice.roll(servers.length);
    const to = (from + 1 + this.dice.roll(servers.length - 1)) % servers.length;
    return [servers[from]!, servers[to]!];
  }

  private async changeLevels(sender: string): Promise<void> {
    const room = await this.homeOf(sender).room(this.roomId);
    if (!room) return;
    const now = room.get('m.room.power_levels', '')!.content;
    const users = { ...(now['users'] as Record<string, number>) };
    users[this.dice.of(this.users)] = this.dice.of([0, 30, 50, 90]);
    await this.send({ type: 'm.room.power_levels', stateKey: '', sender, content: { ...now, users } });
  }

  /** Heals everything, and lets every server say something that follows all that it knows. */
  async end(): Promise<void> {
    await this.tellMembers();
    await this.network.deliverAll();
    for (let round = 0; round < 2; round++) {
      for (const server of this.network.servers) {
        const sender = keeperOf(server.name);
        await this.send({ type: 'm.room.message', sender, content: { body: 'the end' } });
        await this.network.deliverAll();
      }
    }
  }

  async portraits(): Promise<unknown[]> {
    return Promise.all(
      this.network.servers.map(async (server) => {
        const room = await server.room(this.roomId);
        const rows = await server.rig.storage.read((tx) => tx.events.byIds(this.sent));
        return {
          state: [...room.stateEvents()].map(({ type, stateKey, eventId }) => `${type} ${stateKey} ${eventId}`).sort(),
          ends: room.decided.extremities.map(({ eventId }) => eventId).sort(),
          known: rows.map((row) => row.event_id).sort(),
          rejected: rows.filter((row) => row.kind === EventKind.rejected).map((row) => row.event_id),
        };
      }),
    );
  }
}

describe('Servers that share a room', function () {
  this.timeout(0);

  for (let seed = FIRST_SEED; seed < FIRST_SEED + (SEED === undefined ? RUNS : 1); seed++) {
    const version = VERSIONS[seed % VERSIONS.length]!;
    it(`come to the same state after partitions, by the schedule of seed ${seed} (version ${version})`, async () => {
      const network = await TimelineNetwork.start(3);
      try {
        const story = new Story(network, seed);
        await story.begin(version);
        for (let i = 0; i < STEPS; i++) await story.step();
        await story.end();
        const [first, ...others] = await story.portraits();
        for (const other of others) deepStrictEqual(other, first);
        deepStrictEqual((first as { known: string[] }).known, [...new Set(story.sent)].sort());
        deepStrictEqual((first as { rejected: string[] }).rejected, []);
      } finally {
        await network.stop();
      }
    });
  }

  for (let seed = FIRST_SEED; seed < FIRST_SEED + PARTIAL_RUNS; seed++) {
    const version = VERSIONS[seed % VERSIONS.length]!;
    it(`come to the same state though one was not told the members at first, by seed ${seed} (version ${version})`, async () => {
      const network = await TimelineNetwork.start(3);
      try {
        const story = new Story(network, seed);
        const lateComer = network.servers[2]!;
        await story.begin(version, lateComer);
        const told = 20 + story.dice.roll(40);
        for (let i = 0; i < STEPS + 20; i++) {
          if (i === 15) await story.enterLate(lateComer);
          if (i === told) await story.tellMembers();
          await story.step();
        }
        await story.end();
        // Of what was said before it came it need not know.
        const [first, second, late] = (await story.portraits()) as { known: string[]; rejected: string[] }[];
        deepStrictEqual(second, first);
        deepStrictEqual({ ...late, known: first!.known }, first);
        deepStrictEqual(first!.rejected, []);
      } finally {
        await network.stop();
      }
    });
  }
});
