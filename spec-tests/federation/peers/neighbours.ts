import { join } from 'node:path';
import { Cast } from '../../clients/support/cast.ts';
import type { Device } from '../../clients/support/device.ts';
import { type Homeserver, launchHomeserver } from '../../clients/support/launch.ts';
import { makeCa, type TestCa } from '../../support/certificates.ts';
import { engineName } from '../../support/engines.ts';
import { dendrite, needs, synapse, type Tool } from '../../support/needs.ts';
import { ROOT } from '../../support/source-tree.ts';

const SCRIPTS = join(ROOT, 'spec-tests', 'support', 'peers');

/** A homeserver that nobody here wrote. */
export interface PeerKind {
  readonly name: string;
  readonly tool: Tool;
  readonly script: string;
  /** Of the start script: where its tool is. */
  readonly variable: string;
  /** What it cannot do or does otherwise than the specification, by the name of the test that is left out for it. */
  readonly lacks: Readonly<Record<string, string>>;
}

export const SYNAPSE: PeerKind = {
  name: 'Synapse',
  tool: synapse,
  script: join(SCRIPTS, 'start-synapse'),
  variable: 'SYNAPSE_PYTHON',
  lacks: {
    'knocks, and goes away again, at a room of iGChat': 'Synapse tells nobody of a knock that was taken back',
  },
};

/** https://spec.matrix.org/v1.19/rooms/v11/#moving-the-redacts-property-of-mroomredaction-events-to-a-content-property */
const NO_REDACTS = 'Dendrite looks for `redacts` outside of the content, where it is no more since version 11';

export const DENDRITE: PeerKind = {
  name: 'Dendrite',
  tool: dendrite,
  script: join(SCRIPTS, 'start-dendrite'),
  variable: 'DENDRITE_BIN',
  lacks: {
    'loses what either side takes back, of iGChat': NO_REDACTS,
    'is moderated by who made it, wherever a message was sent, of iGChat': NO_REDACTS,
    'version 11, of Dendrite': NO_REDACTS,
    'version 12, of Dendrite': NO_REDACTS,
    'may say no more in the old room of Dendrite': 'Dendrite keeps the new power levels of the old room to itself',
    'is invited no longer when the invitation was taken back': 'Dendrite neither tells of this nor listens to it',
    'knocks, and is let in': 'Dendrite has no knocks',
    'knocks, and goes away again, at a room of iGChat': 'Dendrite has no knocks',
    'knocks, and goes away again, at a room of Dendrite': 'Dendrite has no knocks',
  },
};

/** One of the two servers, with a person who uses it. */
export interface Side {
  readonly server: Homeserver;
  readonly cast: Cast;
  /** Syncs and encrypts. */
  readonly person: Device;
}

/** iGChat and another homeserver in processes of their own, which reach each other by TLS. */
export class Neighbours {
  private constructor(
    readonly kind: PeerKind,
    private readonly ca: TestCa,
    readonly ours: Side,
    readonly theirs: Side,
  ) {}

  /** Skips the suite where the other server is not installed. */
  static async start(
    context: Mocha.Context,
    kind: PeerKind,
    ourEnvironment: Readonly<Record<string, string>>,
  ): Promise<Neighbours> {
    const environment = { [kind.variable]: needs(context, kind.tool) };
    const ca = makeCa(context);
    const launches = await Promise.allSettled([
      launchHomeserver({ ca, environment: ourEnvironment }),
      launchHomeserver({ ca, script: kind.script, environment }),
    ]);
    const [ours, theirs] = launches.flatMap((launch) => (launch.status === 'fulfilled' ? launch.value : []));
    if (ours === undefined || theirs === undefined) {
      await ours?.remove();
      throw launches.find((launch) => launch.status === 'rejected')?.reason;
    }
    const [alice, bob] = await Promise.all([inhabit(ours, 'alice'), inhabit(theirs, 'bob')]);
    return new Neighbours(kind, ca, alice, bob);
  }

  async stop(): Promise<void> {
    for (const { cast } of [this.ours, this.theirs]) cast.stop();
    await Promise.all([this.ours, this.theirs].map(({ server }) => server.remove()));
    this.ca.remove();
  }
}

async function inhabit(server: Homeserver, name: string): Promise<Side> {
  const cast = new Cast(server);
  return { server, cast, person: await cast.register(name) };
}

/** What a story is told by: two servers that are started when its tests run, and which of them is whose. */
export interface Stage {
  readonly kind: PeerKind;
  neighbours(): Neighbours;
  /** Each server once as the one where the room is made; on PostgreSQL only the other one. */
  readonly ways: readonly Way[];
}

export interface Way {
  /** `of iGChat` */
  readonly name: string;
  host(): Side;
  guest(): Side;
}

/**
 * A test of a story, which is left out where the other server is known not to do its part.
 *
 * @param key in {@link PeerKind.lacks}, where the name of the test is not the same for every way.
 */
export function told(stage: Stage, name: string, tell: (this: Mocha.Context) => Promise<void>, key = name): void {
  if (stage.kind.lacks[key] === undefined) it(name, tell);
}

/**
 * Describes iGChat beside another server: starts both, tells the stories, stops both.
 *
 * @param environment more of it for iGChat.
 */
export function describeNeighbours(
  kind: PeerKind,
  what: string,
  stories: readonly ((stage: Stage) => void)[],
  environment: Readonly<Record<string, string>> = {},
): void {
  describe(`iGChat and ${kind.name} ${what}`, function () {
    this.timeout(60_000);
    let started: Neighbours | undefined;
    const neighbours = () => {
      if (started === undefined) throw new Error('the servers have not been started');
      return started;
    };
    before(async function () {
      started = await Neighbours.start(this, kind, environment);
    });
    after(() => started?.stop());

    const ours = () => neighbours().ours;
    const theirs = () => neighbours().theirs;
    const ways: readonly Way[] = [
      { name: 'of iGChat', host: ours, guest: theirs },
      { name: `of ${kind.name}`, host: theirs, guest: ours },
    ];
    // What the other engine does otherwise is how it stores: half of it shows that.
    const told = engineName() === 'sqlite' ? ways : ways.slice(1);
    for (const story of stories) story({ kind, neighbours, ways: told });
  });
}
