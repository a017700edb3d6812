import { Delegations } from '../../../../src/federation/discovery/delegations.ts';
import { ServerDiscovery } from '../../../../src/federation/discovery/server-discovery.ts';
import { Outbox } from '../../../../src/federation/outbox/outbox.ts';
import { OutboxMetrics } from '../../../../src/federation/outbox/outbox-metrics.ts';
import type { OutboxParts } from '../../../../src/federation/outbox/outbox-parts.ts';
import { FederationClient } from '../../../../src/federation/signed-client/federation-client.ts';
import type { ServerName } from '../../../../src/protocol/identifiers/server-name.ts';
import { signingKeyFromSeed } from '../../../../src/protocol/signing/signing-key.ts';
import type { Room } from '../../../../src/services/timeline/room.ts';
import { WriteSet } from '../../../../src/storage/contract/write-set.ts';
import { Loggers } from '../../../../src/util/logger.ts';
import { Metrics } from '../../../../src/util/metrics.ts';
import { systemRandom } from '../../../../src/util/random.ts';
import { TestTimeline } from '../../../services/timeline/support/test-timeline.ts';
import type { TestCa } from '../../../support/certificates.ts';
import { type TestOutgoing, testOutgoing } from '../../../support/test-outgoing.ts';
import { ScriptedServer } from './scripted-server.ts';

export const FAR = 'far.example';

/** Rooms whose events go out, over a real storage and TLS, to servers that do what the test says. */
export class TestOutbox {
  rig: TestTimeline;
  outbox: Outbox;
  readonly lines: string[] = [];
  private readonly servers: ScriptedServer[] = [];
  private readonly outgoing: TestOutgoing;

  private constructor(
    rig: TestTimeline,
    private readonly ca: TestCa,
    private readonly limits: Partial<OutboxParts['limits']>,
  ) {
    this.rig = rig;
    this.outgoing = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file] });
    this.outbox = this.open();
  }

  static async start(ca: TestCa, limits: Partial<OutboxParts['limits']> = {}): Promise<TestOutbox> {
    const test = new TestOutbox(await TestTimeline.start(), ca, limits);
    await test.outbox.start();
    return test;
  }

  get clock() {
    return this.rig.clock;
  }

  /** Lets time pass for connections, too. */
  advance(ms: number): void {
    this.rig.clock.advance(ms);
    this.outgoing.clock.advance(ms);
  }

  async server(name: string): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(this.ca.issue(name));
    this.servers.push(server);
    this.outgoing.names
      .address(`at.${name}`, '127.0.0.1')
      .service(`_matrix-fed._tcp.${name}`, { name: `at.${name}`, port: server.port, priority: 1, weight: 0 });
    return server;
  }

  /** A room that users of these servers have joined. */
  async room(...users: string[]): Promise<Room> {
    const room = await this.rig.room('12');
    for (const user of users) await this.member(room, user, 'join');
    return room;
  }

  async member(room: Room, user: string, membership: string, sender = user): Promise<void> {
    await this.rig.setState(room.id, 'm.room.member', user, { membership }, sender);
  }

  async toDevice(server: string, text: string): Promise<void> {
    const set = new WriteSet();
    const position = set.nextPosition();
    const row = { server, position, device_id: '', kind: 0 as const, user_id: '@a:test.example', stream_id: 0 };
    set.add('outgoing_edus.insert', { ...row, prev_id: null, json: JSON.stringify({ text }) });
    await this.rig.storage.commit(set);
    this.outbox.wake(server);
  }

  /** Ends as a process does that is killed, and goes on with the same data. */
  async crash(): Promise<void> {
    await this.outbox.stop();
    this.rig = await this.rig.restarted();
    this.outbox = this.open();
    await this.outbox.start();
  }

  async stop(): Promise<void> {
    const stopped = this.outbox.stop();
    this.advance(60_000);
    await stopped;
    await this.outgoing.client.close();
    await Promise.all(this.servers.map((server) => server.close()));
    await this.rig.stop();
  }

  private open(): Outbox {
    const { rig, outgoing } = this;
    const delegations = new Delegations(
      { ask: async () => ({ kind: 'none' }) },
      { clock: outgoing.clock, maxEntries: 10 },
    );
    const discovery = new ServerDiscovery(delegations, outgoing.resolver, systemRandom);
    const key = signingKeyFromSeed(Buffer.alloc(32, 7), 'a_test');
    const signer = { serverName: 'test.example' as ServerName, key };
    const logger = new Loggers({ level: 'debug', format: 'json', write: (line) => this.lines.push(line) });
    const outbox = new Outbox({
      storage: rig.storage,
      client: new FederationClient(outgoing.client, discovery, signer),
      keyUpdates: { edusOf: async (rows) => rows.map(() => undefined) },
      clock: rig.clock,
      random: systemRandom,
      logger: logger.named('outbox'),
      metrics: new OutboxMetrics(new Metrics({ process: false })),
      serverName: 'test.example',
      limits: {
        transactionSize: 1_000_000,
        catchUpEvents: 3,
        retryMin: 1_000,
        retryMax: 3_600_000,
        timeout: 30_000,
        transactions: 50,
        servers: 100,
        ephemeralPerServer: 10,
        catchUpAfter: 3_600_000,
        grace: 5_000,
        ...this.limits,
      },
    });
    rig.notices.on('outgoingEvent', ({ roomId, departed }) => {
      const servers = new Set(rig.rooms.peek(roomId)!.joinedServers.keys());
      if (departed !== undefined) servers.add(departed);
      for (const server of servers) outbox.wake(server);
    });
    return outbox;
  }
}
