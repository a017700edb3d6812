import assert from 'node:assert/strict';
import { Delegations } from '../../src/federation/discovery/delegations.ts';
import { orderServices } from '../../src/federation/discovery/order-services.ts';
import { ServerDiscovery } from '../../src/federation/discovery/server-discovery.ts';
import type { Delegation } from '../../src/federation/discovery/well-known-client.ts';
import { NameResolver } from '../../src/outgoing/name-resolver.ts';
import type { ServiceRecord } from '../../src/outgoing/name-source.ts';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { systemRandom } from '../../src/util/random.ts';
import { TestClock } from '../support/test-clock.ts';
import { TestNames } from '../support/test-names.ts';

const record = (name: string, port: number, priority = 10, weight = 0): ServiceRecord => ({
  name,
  port,
  priority,
  weight,
});
const HOUR = 3_600_000;

/** Answers for each host, and what was asked. */
class Web {
  readonly asked: string[] = [];
  readonly answers = new Map<string, Delegation>();

  async ask(host: string): Promise<Delegation> {
    this.asked.push(host);
    return this.answers.get(host) ?? { kind: 'failed' };
  }

  delegates(host: string, to: string, lifetimeMs = 24 * HOUR): this {
    this.answers.set(host, { kind: 'delegated', to: to as ServerName, lifetimeMs });
    return this;
  }
}

function setUp() {
  const clock = new TestClock();
  const names = new TestNames();
  const web = new Web();
  const resolver = new NameResolver(names, { maxEntries: 100, clock });
  const delegations = new Delegations(web, { clock, maxEntries: 100 });
  const discovery = new ServerDiscovery(delegations, resolver, systemRandom);
  const find = (name: string) => discovery.find(name as ServerName);
  return { clock, names, web, delegations, discovery, find };
}

interface Case {
  readonly step: string;
  readonly name: string;
  readonly delegated?: string;
  readonly services?: Readonly<Record<string, readonly ServiceRecord[] | 'fails'>>;
  readonly target: string;
  readonly host: string;
  readonly certificate: string;
  /** Whether the web, and which services, are asked. */
  readonly asks?: readonly string[];
}

const fed = (host: string) => `_matrix-fed._tcp.${host}`;
const old = (host: string) => `_matrix._tcp.${host}`;
const D = 'd.example';
const S = 's.example';

const CASES: readonly Case[] = [
  { step: '1', name: '1.2.3.4', target: '1.2.3.4:8448', host: '1.2.3.4', certificate: '1.2.3.4', asks: [] },
  { step: '1', name: '1.2.3.4:1', target: '1.2.3.4:1', host: '1.2.3.4:1', certificate: '1.2.3.4', asks: [] },
  { step: '1', name: '[2a00::1]', target: '2a00::1:8448', host: '[2a00::1]', certificate: '2a00::1', asks: [] },
  { step: '1', name: '[2a00::1]:1', target: '2a00::1:1', host: '[2a00::1]:1', certificate: '2a00::1', asks: [] },
  { step: '2', name: `${S}:1`, target: `${S}:1`, host: `${S}:1`, certificate: S, asks: [] },
  { step: '2', name: `${S}:443`, target: `${S}:443`, host: `${S}:443`, certificate: S, asks: [] },
  {
    step: '3.1',
    name: S,
    delegated: '1.2.3.4',
    target: '1.2.3.4:8448',
    host: '1.2.3.4',
    certificate: '1.2.3.4',
    asks: [S],
  },
  {
    step: '3.1',
    name: S,
    delegated: '1.2.3.4:1',
    target: '1.2.3.4:1',
    host: '1.2.3.4:1',
    certificate: '1.2.3.4',
    asks: [S],
  },
  {
    step: '3.1',
    name: S,
    delegated: '[2a00::1]:1',
    target: '2a00::1:1',
    host: '[2a00::1]:1',
    certificate: '2a00::1',
    asks: [S],
  },
  { step: '3.2', name: S, delegated: `${D}:1`, target: `${D}:1`, host: `${D}:1`, certificate: D, asks: [S] },
  {
    ...{ step: '3.3', name: S, delegated: D, services: { [fed(D)]: [record('t.example', 2)] } },
    ...{ target: 't.example:2', host: D, certificate: D, asks: [S, fed(D)] },
  },
  {
    ...{ step: '3.4', name: S, delegated: D, services: { [old(D)]: [record('t.example', 2)] } },
    ...{ target: 't.example:2', host: D, certificate: D, asks: [S, fed(D), old(D)] },
  },
  {
    ...{ step: '3.5', name: S, delegated: D, services: { [fed(S)]: [record('t.example', 2)] } },
    ...{ target: `${D}:8448`, host: D, certificate: D, asks: [S, fed(D), old(D)] },
  },
  {
    ...{ step: '4', name: S, services: { [fed(S)]: [record('t.example', 2)], [old(S)]: [record('u.example', 3)] } },
    ...{ target: 't.example:2', host: S, certificate: S, asks: [S, fed(S)] },
  },
  {
    ...{ step: '5', name: S, services: { [old(S)]: [record('u.example', 3)] } },
    ...{ target: 'u.example:3', host: S, certificate: S, asks: [S, fed(S), old(S)] },
  },
  { step: '6', name: S, target: `${S}:8448`, host: S, certificate: S, asks: [S, fed(S), old(S)] },
  {
    ...{ step: '6 when name servers fail', name: S, services: { [fed(S)]: 'fails', [old(S)]: 'fails' } },
    ...{ target: `${S}:8448`, host: S, certificate: S },
  },
];

describe('ServerDiscovery', () => {
  for (const { step, name, delegated, services, target, host, certificate, asks } of CASES) {
    it(`finds ${name}${delegated === undefined ? '' : `, delegated to ${delegated},`} by step ${step}`, async () => {
      const { names, web, find } = setUp();
      if (delegated !== undefined) web.delegates(name, delegated);
      for (const [service, records] of Object.entries(services ?? {})) {
        if (records === 'fails') names.fails(service);
        else names.service(service, ...records);
      }
      const found = await find(name);
      assert.deepEqual(
        found.targets.map(({ host, port }) => `${host}:${port}`),
        [target],
      );
      assert.equal(found.hostHeader, host);
      assert.equal(found.certificateName, certificate);
      if (asks !== undefined) assert.deepEqual([...web.asked, ...names.asked], asks);
    });
  }

  it('does not follow a delegation of the delegated', async () => {
    const { web, find } = setUp();
    web.delegates(S, D).delegates(D, 'e.example:1');
    assert.equal((await find(S)).hostHeader, D);
  });

  it('gives all targets of a service, by priority', async () => {
    const { names, find } = setUp();
    names.service(fed(S), record('c', 3, 20), record('a', 1, 5), record('b', 2, 10), record('', 4, 1));
    assert.deepEqual(
      (await find(S)).targets.map(({ host }) => host),
      ['a', 'b', 'c'],
    );
  });

  it('does not reach a server that says it has none', async () => {
    const { names, find } = setUp();
    names.service(fed(S), record('', 0));
    await assert.rejects(find(S), (error) => error instanceof OutgoingError && error.kind === 'name-not-found');
  });

  it('takes another delegation of a server that it could not reach', async () => {
    const { clock, web, discovery, find } = setUp();
    web.delegates(S, 'd.example:1');
    await find(S);
    web.delegates(S, 'd.example:2');
    discovery.doubt(S as ServerName);
    assert.equal((await find(S)).hostHeader, 'd.example:1');
    clock.advance(60_000);
    assert.equal((await find(S)).hostHeader, 'd.example:2');
    discovery.doubt('1.2.3.4' as ServerName);
  });
});

describe('orderServices', () => {
  it('draws in proportion to the weights', () => {
    const drawn = (bytes: number) => {
      const random = { bytes: () => Buffer.alloc(4, bytes), token: () => '' };
      return orderServices([record('heavy', 1, 1, 3), record('light', 1, 1, 1)], random).map(({ name }) => name);
    };
    assert.deepEqual(drawn(0x00), ['light', 'heavy']);
    assert.deepEqual(drawn(0x7f), ['heavy', 'light']);
    assert.deepEqual(drawn(0xff), ['heavy', 'light']);
  });
});

describe('Delegations', () => {
  it('asks once for all who want to know at the same time, and again when the answer is old', async () => {
    const { clock, web, delegations } = setUp();
    web.delegates(S, D, HOUR);
    assert.deepEqual(await Promise.all([delegations.get(S), delegations.get(S.toUpperCase())]), [D, D]);
    clock.advance(HOUR - 1);
    await delegations.get(S);
    assert.equal(web.asked.length, 1);
    clock.advance(1);
    await delegations.get(S);
    assert.equal(web.asked.length, 2);
  });

  it('asks a host without a delegation less and less often, at least once an hour', async () => {
    const { clock, web, delegations } = setUp();
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const before = web.asked.length;
      await delegations.get(S);
      clock.advance(minutes * 60_000 - 1);
      await delegations.get(S);
      assert.equal(web.asked.length, before + 1, `${minutes}`);
      clock.advance(1);
    }
    web.delegates(S, D, HOUR);
    assert.equal(await delegations.get(S), D);
  });

  it('holds on to the last delegation while the host fails, up to 48 hours', async () => {
    const { clock, web, delegations } = setUp();
    web.delegates(S, D, 24 * HOUR);
    await delegations.get(S);
    web.answers.set(S, { kind: 'failed' });
    for (let hour = 0; hour < 47; hour++) {
      clock.advance(HOUR);
      assert.equal(await delegations.get(S), D);
    }
    clock.advance(HOUR);
    assert.equal(await delegations.get(S), undefined);
  });

  it('gives a delegation up at once when the host says that there is none any more', async () => {
    const { clock, web, delegations } = setUp();
    web.delegates(S, D, HOUR);
    await delegations.get(S);
    web.answers.set(S, { kind: 'none' });
    clock.advance(HOUR);
    assert.equal(await delegations.get(S), undefined);
  });
});
