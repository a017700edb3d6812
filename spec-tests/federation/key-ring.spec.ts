import assert from 'node:assert/strict';
import type { WantedKey } from '../../src/federation/key-ring/key-ring.ts';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { isJsonObject, type JsonObject } from '../../src/protocol/json.ts';
import { signJson } from '../../src/protocol/signing/sign-json.ts';
import { bodyOf, freshKey, reply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

const DAY_MS = 24 * 3_600_000;

describe('KeyRing', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let homeserver: TestPeer;
  let other: ScriptedServer;

  before(async function () {
    federation = await startTestFederation(this, 1, { federation: { keys_per_server: 10 } });
    [homeserver] = federation.servers as [TestPeer];
  });
  after(() => federation?.stop());
  beforeEach(async () => {
    other = await startScriptedServer(federation.ca, federation.clock);
  });
  afterEach(() => other.close());

  const lookup = (...wanted: WantedKey[]) => homeserver.homeserver.services.keyRing.lookup(wanted);
  const want = (keyId: string = other.key.keyId, validAt = federation.clock.now()): WantedKey => ({
    server: other.serverName,
    keyId,
    validAt,
  });
  const asked = () => other.peer.requests.length;

  it('asks a server for its keys once, however many want them', async () => {
    const found = await Promise.all([lookup(want()), lookup(want()), lookup(want(), want('ed25519:none'))]);
    for (const keys of found) assert.ok(keys(other.serverName, other.key.keyId)?.key.verify('x', other.key.sign('x')));
    assert.equal(asked(), 1);
    await lookup(want());
    assert.equal(asked(), 1);
  });

  it('does not need to ask again after a restart', async () => {
    await lookup(want());
    await homeserver.restart();
    assert.ok((await lookup(want()))(other.serverName, other.key.keyId));
    assert.equal(asked(), 1);
  });

  it('asks again when a key is wanted beyond its time', async () => {
    await lookup(want());
    federation.clock.advance(2 * DAY_MS);
    const keys = await lookup(want());
    assert.equal(asked(), 2);
    assert.equal(keys(other.serverName, other.key.keyId)?.validUntilTs, federation.clock.now() + DAY_MS);
  });

  it('keeps what it knows of a key whose server is gone, with the time until which it was good', async () => {
    const known = await lookup(want());
    const { validUntilTs } = known(other.serverName, other.key.keyId) ?? {};
    federation.clock.advance(2 * DAY_MS);
    other.answerKeys = (_, response) => response.destroy();
    const keys = await lookup(want());
    assert.equal(keys(other.serverName, other.key.keyId)?.validUntilTs, validUntilTs);
  });

  it('learns of a key that has come in place of another, and until when that was used', async () => {
    const old = other.key;
    await lookup(want());
    federation.clock.advance(3_600_000);
    other.key = freshKey('b');
    const expired = federation.clock.now();
    const plainKeys = other.keys;
    other.keys = () => {
      const { signatures: _, ...document } = plainKeys();
      document['old_verify_keys'] = { [old.keyId]: { key: old.publicKey, expired_ts: expired } };
      return signJson(document, other.serverName, other.key);
    };
    const keys = await lookup(want());
    assert.ok(keys(other.serverName, 'ed25519:b'));
    assert.equal(keys(other.serverName, old.keyId)?.validUntilTs, expired);
  });

  it('finds no key where a server speaks for another', async () => {
    other.keys = () =>
      signJson(
        {
          server_name: 'victim.example',
          verify_keys: { [other.key.keyId]: { key: other.key.publicKey } },
          valid_until_ts: federation.clock.now() + DAY_MS,
        },
        'victim.example',
        other.key,
      );
    const keys = await lookup(want());
    assert.equal(keys(other.serverName, other.key.keyId), undefined);
    assert.equal(keys('victim.example', other.key.keyId), undefined);
  });

  it('leaves a server that fails alone, longer each time', async () => {
    other.answerKeys = (_, response) => reply(response, {}, 500);
    await lookup(want());
    await lookup(want());
    assert.equal(asked(), 1);
    federation.clock.advance(60_000);
    await lookup(want());
    federation.clock.advance(60_000);
    await lookup(want());
    assert.equal(asked(), 2);
    federation.clock.advance(60_000);
    await lookup(want());
    assert.equal(asked(), 3);
  });

  it('is not made to ask a server over and over by keys that it does not have', async () => {
    await lookup(...Array.from({ length: 1_000 }, (_, n) => want(`ed25519:flood${n}`)));
    for (let n = 0; n < 20; n++) await lookup(want(`ed25519:more${n}`));
    assert.equal(asked(), 1);
    assert.ok((await lookup(want()))(other.serverName, other.key.keyId));
  });

  it('does not ask for what can be no key of a server', async () => {
    await lookup(want('rsa:1'), want('ed25519:'), want('__proto__'), {
      ...want(),
      server: 'not a server' as ServerName,
    });
    assert.equal(asked(), 0);
  });

  it('takes no answer that is too large, has too many keys or is no JSON', async () => {
    const wrong: ScriptedServer['answerKeys'][] = [
      (_, response) => reply(response, { ...other.keys(), padding: 'x'.repeat(100_000) }),
      (_, response) => response.end('{"server_name":'),
      (_, response) => reply(response, [other.keys()]),
    ];
    for (const answer of wrong) {
      other.answerKeys = answer;
      assert.equal((await lookup(want()))(other.serverName, other.key.keyId), undefined);
      federation.clock.advance(3_600_000);
    }
    other.answerKeys = (_, response) => reply(response, other.keys());
    assert.ok((await lookup(want()))(other.serverName, other.key.keyId));
  });

  it('gives up a server that does not come to an end', async () => {
    const isAsked = new Promise<void>((resolve) => {
      other.answerKeys = (_, response) => {
        response.writeHead(200).write('{');
        resolve();
      };
    });
    const looking = lookup(want());
    await isAsked;
    federation.clock.advance(10_000);
    assert.equal((await looking)(other.serverName, other.key.keyId), undefined);
  });

  it('remembers of a server that changes its key all the time only so many', async () => {
    for (let n = 0; n < 15; n++) {
      other.key = freshKey(`r${n}`);
      federation.clock.advance(60_000);
      await lookup(want());
    }
    const { storage } = homeserver.homeserver.services;
    const [keys, documents] = await storage.read(async (tx) => [
      await tx.serverKeys.keysOf([other.serverName]),
      await tx.serverKeys.documentsOf([other.serverName]),
    ]);
    assert.equal(keys.length, 10);
    assert.equal(documents.length, 10);
    assert.ok((await lookup(want()))(other.serverName, 'ed25519:r14'));
  });

  it('knows the keys of its own server without asking', async () => {
    const { signingKey } = homeserver.homeserver.services;
    const server = homeserver.serverName as ServerName;
    const keys = await lookup({ server, keyId: signingKey.keyId, validAt: 0 });
    assert.ok(keys(server, signingKey.keyId)?.key.verify('x', signingKey.sign('x')));
    assert.equal(keys(server, 'ed25519:none'), undefined);
  });
});

describe('KeyRing with a notary', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let homeserver: TestPeer;
  let notary: ScriptedServer;
  let lost: ScriptedServer;

  before(async function () {
    federation = await startTestFederation(this, 0);
    notary = await startScriptedServer(federation.ca, federation.clock);
    homeserver = await federation.add({ federation: { key_servers: [notary.serverName] } });
  });
  after(async () => {
    await notary?.close();
    await federation?.stop();
  });
  beforeEach(async () => {
    lost = await startScriptedServer(federation.ca, federation.clock);
    lost.answerKeys = (_, response) => response.destroy();
    federation.clock.advance(2 * 3_600_000);
  });
  afterEach(() => lost.close());

  const lookup = async () => {
    const { keyId } = lost.key;
    const keys = await homeserver.homeserver.services.keyRing.lookup([
      { server: lost.serverName, keyId, validAt: federation.clock.now() },
    ]);
    return keys(lost.serverName, keyId);
  };
  const answerWith = (make: (wanted: JsonObject) => unknown) => {
    notary.answer = (request, response) => {
      void bodyOf(request).then((text) => {
        const wanted: unknown = (JSON.parse(text) as JsonObject)['server_keys'];
        reply(response, make(isJsonObject(wanted) ? wanted : {}));
      });
    };
  };

  it('asks it for what a server does not tell itself', async () => {
    let wanted: JsonObject = {};
    answerWith((criteria) => {
      wanted = criteria;
      return { server_keys: [signJson(lost.keys(), notary.serverName, notary.key)] };
    });
    assert.ok((await lookup())?.key.verify('x', lost.key.sign('x')));
    assert.deepEqual(wanted, {
      [lost.serverName]: { [lost.key.keyId]: { minimum_valid_until_ts: federation.clock.now() } },
    });
  });

  it('believes nothing that the notary has not signed', async () => {
    answerWith(() => ({ server_keys: [lost.keys()] }));
    assert.equal(await lookup(), undefined);
  });

  it('believes nothing that is signed with a key which the notary does not have', async () => {
    answerWith(() => ({ server_keys: [signJson(lost.keys(), notary.serverName, freshKey('a'))] }));
    assert.equal(await lookup(), undefined);
  });

  it('believes nothing that the server itself has not signed', async () => {
    answerWith(() => {
      const { signatures: _, ...unsigned } = lost.keys();
      return { server_keys: [signJson(unsigned, notary.serverName, notary.key)] };
    });
    assert.equal(await lookup(), undefined);
  });

  it('does not let it undo what the server has told itself later', async () => {
    const old = lost.keys();
    federation.clock.advance(3_600_000);
    lost.answerKeys = (_, response) => reply(response, lost.keys());
    const known = await lookup();
    assert.ok(known);
    lost.answerKeys = (_, response) => response.destroy();
    federation.clock.advance(2 * DAY_MS);
    answerWith(() => ({ server_keys: [signJson(structuredClone(old), notary.serverName, notary.key)] }));
    assert.equal((await lookup())?.validUntilTs, known.validUntilTs);
  });

  for (const answer of [{}, { server_keys: null }, { server_keys: [1, null, [], {}] }, { server_keys: {} }]) {
    it(`finds nothing in ${JSON.stringify(answer)}`, async () => {
      answerWith(() => answer);
      assert.equal(await lookup(), undefined);
    });
  }
});
