import assert from 'node:assert/strict';
import { signRequest } from '../../src/federation/signed-client/sign-request.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { freshKey, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

const DAY_MS = 24 * 3_600_000;
const USER = '@nobody:localhost';

describe('The authentication of servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let homeserver: TestPeer;
  let other: ScriptedServer;
  const uri = `/_matrix/federation/v1/query/profile?user_id=${encodeURIComponent(USER)}`;

  before(async function () {
    federation = await startTestFederation(this, 1);
    [homeserver] = federation.servers as [TestPeer];
  });
  after(() => federation?.stop());
  beforeEach(async () => {
    other = await startScriptedServer(federation.ca, federation.clock);
  });
  afterEach(() => other.close());

  const header = (change: { origin?: string; destination?: string; uri?: string } = {}, key = other.key) =>
    signRequest(
      {
        method: 'GET',
        uri: change.uri ?? uri,
        origin: (change.origin ?? other.serverName) as ServerName,
        destination: (change.destination ?? homeserver.serverName) as ServerName,
      },
      key,
    );
  const askWith = (authorization: string | readonly string[]) =>
    other.ask(homeserver.serverName, { uri, authorization });
  const refused = async (authorization: string | readonly string[]) => {
    const { status, body } = await askWith(authorization);
    assert.deepEqual([status, body.errcode], [401, 'M_UNAUTHORIZED']);
  };
  const admitted = async (authorization: string | readonly string[]) => {
    const { status, body } = await askWith(authorization);
    assert.notEqual(body.errcode, 'M_UNAUTHORIZED', `${status} ${JSON.stringify(body)}`);
  };

  it('lets in a server that has signed', () => admitted(header()));
  it('lets in a server whose header does not say for whom it is, if that was signed', () =>
    admitted(header().replace(/destination="[^"]*",/, '')));
  it('takes the one of several signatures that is by a key which it knows', () =>
    admitted([header({}, freshKey('unknown')), header()]));

  it('refuses a request without a signature', () => refused([]));
  it('refuses an access token', () => refused('Bearer abc'));
  it('refuses a header that is none', () => refused('X-Matrix origin='));
  it('refuses a request for another server', () => refused(header({ destination: 'elsewhere.example' })));
  it('refuses a request that was signed for another server and does not say so', () =>
    refused(header({ destination: 'elsewhere.example' }).replace(/destination="[^"]*",/, '')));
  it('refuses what was signed for another path', () => refused(header({ uri: `${uri}&field=displayname` })));
  it('refuses a key that the server does not have', () => refused(header({}, freshKey('b'))));
  it('refuses a signature with the id of a key and not by it', () => refused(header({}, freshKey('a'))));
  it('refuses signatures of two servers', () => refused([header(), header({ origin: 'second.example' })]));
  it('refuses itself', () => refused(header({ origin: homeserver.serverName })));
  it('refuses one that claims to be another server', async () => {
    const victim = await startScriptedServer(federation.ca, federation.clock);
    try {
      await refused(header({ origin: victim.serverName }));
    } finally {
      await victim.close();
    }
  });

  it('refuses a key beyond its time', async () => {
    await admitted(header());
    federation.clock.advance(2 * DAY_MS);
    other.answerKeys = (_, response) => response.destroy();
    await refused(header());
  });

  it('refuses a key that was replaced', async () => {
    const old = other.key;
    await admitted(header());
    other.key = freshKey('b');
    federation.clock.advance(2 * DAY_MS);
    await admitted(header());
    await refused(header({}, old));
  });

  it('refuses a body that is not the one which was signed', async () => {
    const content = { server_keys: {} };
    const request = { method: 'POST', uri: '/_matrix/federation/v1/publicRooms', content };
    const { body } = await other.ask(homeserver.serverName, { ...request, body: '{"server_keys":{},"x":1}' });
    assert.equal(body.errcode, 'M_UNAUTHORIZED');
  });

  it('asks a server for its keys once, however many requests claim to be of it', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => refused(header({}, freshKey(`f${n}`)))));
    assert.equal(other.peer.requests.length, 1);
  });
});

describe('A homeserver that is flooded with requests of servers which it does not know', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  const scripted: ScriptedServer[] = [];
  before(async function () {
    federation = await startTestFederation(this, 1, { federation: { key_requests_per_address: 2 } });
    for (let n = 0; n < 4; n++) scripted.push(await startScriptedServer(federation.ca, federation.clock));
  });
  after(async () => {
    await Promise.all(scripted.map((server) => server.close()));
    await federation?.stop();
  });

  it('refuses those beyond a bound, and goes on speaking with those that it knows', async () => {
    const { serverName } = federation.servers[0]!;
    const uri = `/_matrix/federation/v1/query/profile?user_id=${encodeURIComponent(`@nobody:${serverName}`)}`;
    const [known, ...slow] = scripted as [ScriptedServer, ...ScriptedServer[]];
    assert.equal((await known.ask(serverName, { uri })).status, 404);
    const areAsked = slow.slice(0, 2).map(
      (server) =>
        new Promise<void>((resolve) => {
          server.answerKeys = (_, response) => {
            response.writeHead(200).write('{');
            resolve();
          };
        }),
    );
    const waiting = slow.slice(0, 2).map((server) => server.ask(serverName, { uri }));
    await Promise.all(areAsked);
    const { status, body } = await slow[2]!.ask(serverName, { uri });
    assert.deepEqual([status, body.errcode], [429, 'M_LIMIT_EXCEEDED']);
    assert.equal((await known.ask(serverName, { uri })).status, 404);
    federation.clock.advance(10_000);
    assert.deepEqual(
      (await Promise.all(waiting)).map((answer) => answer.status),
      [401, 401],
    );
    assert.equal((await slow[2]!.ask(serverName, { uri })).status, 404);
  });
});

describe('A homeserver that is told whom to speak with', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let other: ScriptedServer;
  before(async function () {
    federation = await startTestFederation(this, 0);
    other = await startScriptedServer(federation.ca, federation.clock);
  });
  after(async () => {
    await other?.close();
    await federation?.stop();
  });

  const ask = (destination: string) =>
    other.ask(destination, { uri: `/_matrix/federation/v1/query/profile?user_id=${encodeURIComponent(USER)}` });

  for (const [what, options] of [
    ['has others denied', { deny_servers: ['local*'] }],
    ['has only others allowed', { allow_servers: ['*.example.org'] }],
    ['speaks with nobody', { enabled: false }],
  ] as const) {
    it(`refuses and does not ask a server if it ${what}`, async () => {
      const homeserver = await federation.add({ federation: options });
      const { status, body } = await ask(homeserver.serverName);
      assert.deepEqual([status, body.errcode], [403, 'M_FORBIDDEN']);
      const { keyRing } = homeserver.homeserver.services;
      await keyRing.lookup([{ server: other.serverName, keyId: other.key.keyId, validAt: 0 }]);
      assert.equal(other.peer.requests.length, 0);
    });
  }
});
