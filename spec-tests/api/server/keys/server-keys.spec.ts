import assert from 'node:assert/strict';
import type { JsonObject } from '../../../../src/protocol/json.ts';
import { signJson, verifyJson } from '../../../../src/protocol/signing/sign-json.ts';
import { verifyKeyFromBase64 } from '../../../../src/protocol/signing/verify-key.ts';
import { freshKey, type ScriptedServer, send, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';

const HOUR_MS = 3_600_000;
const old = freshKey('old');

describe('The keys of servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let other: ScriptedServer;

  before(async function () {
    const old_signing_keys = [{ key_id: old.keyId, public_key: old.publicKey, expired_ts: 5 }];
    federation = await startTestFederation(this, 1, { federation: { old_signing_keys } });
    [here] = federation.servers as [TestPeer];
  });
  after(() => federation?.stop());
  beforeEach(async () => {
    other = await startScriptedServer(federation.ca, federation.clock);
  });
  afterEach(() => other.close());

  const get = async (uri: string) => (await send(federation.ca, here.serverName, { uri })).body;
  const query = async (server_keys: object) => {
    const request = { method: 'POST', uri: '/_matrix/key/v2/query', body: JSON.stringify({ server_keys }) };
    return (await send(federation.ca, here.serverName, request)).body.server_keys as JsonObject[];
  };
  const isSignedBy = (document: JsonObject, server: string, key: { keyId: string; publicKey: string }) =>
    verifyJson(document, server, key.keyId, verifyKeyFromBase64(key.publicKey)!);
  const ownKey = () => here.homeserver.services.signingKey;

  describe('GET /server', () => {
    it('tells the key of today and those of the past, signed', async () => {
      const document = await get('/_matrix/key/v2/server');
      assert.equal(document.server_name, here.serverName);
      assert.deepEqual(document.verify_keys, { [ownKey().keyId]: { key: ownKey().publicKey } });
      assert.deepEqual(document.old_verify_keys, { 'ed25519:old': { key: old.publicKey, expired_ts: 5 } });
      assert.ok(isSignedBy(document, here.serverName, ownKey()));
    });

    it('tells keys that hold for at least half a day longer, and no longer than a day', async () => {
      for (let n = 0; n < 10; n++) {
        const left = (await get('/_matrix/key/v2/server')).valid_until_ts - federation.clock.now();
        assert.ok(left >= 12 * HOUR_MS && left <= 24 * HOUR_MS, `${left} ms`);
        federation.clock.advance(5 * HOUR_MS);
      }
    });

    it('leaves the signatures of old events valid until the key was last used', async () => {
      const second = await federation.add();
      const server = here.serverName as ScriptedServer['serverName'];
      const keys = await second.homeserver.services.keyRing.lookup([{ server, keyId: 'ed25519:old', validAt: 5 }]);
      assert.equal(keys(server, 'ed25519:old')?.validUntilTs, 5);
    });
  });

  describe('POST /query', () => {
    it('tells the keys of another server with the signature of this one beside its own', async () => {
      const [document, ...more] = await query({ [other.serverName]: { [other.key.keyId]: {} } });
      assert.deepEqual(more, []);
      assert.ok(isSignedBy(document!, other.serverName, other.key));
      assert.ok(isSignedBy(document!, here.serverName, ownKey()));
    });

    it('tells its own keys, too', async () => {
      const [document] = await query({ [here.serverName]: {} });
      assert.equal(document?.['server_name'], here.serverName);
    });

    it('asks again for what does not hold for long enough', async () => {
      await query({ [other.serverName]: {} });
      federation.clock.advance(2 * HOUR_MS);
      const minimum_valid_until_ts = federation.clock.now() + 23 * HOUR_MS;
      const [document] = await query({ [other.serverName]: { [other.key.keyId]: { minimum_valid_until_ts } } });
      assert.ok(Number(document?.['valid_until_ts']) >= minimum_valid_until_ts);
      assert.equal(other.peer.requests.length, 2);
    });

    it('tells what it knows of a server that is gone, and nothing of one that it never reached', async () => {
      await query({ [other.serverName]: {} });
      federation.clock.advance(48 * HOUR_MS);
      other.answerKeys = (_, response) => response.destroy();
      const documents = await query({ [other.serverName]: {}, 'localhost:1': {}, 'not a server': {}, __proto__x: {} });
      assert.deepEqual(
        documents.map((document) => document['server_name']),
        [other.serverName],
      );
    });

    it('tells where a key stood that has gone since', async () => {
      await query({ [other.serverName]: {} });
      const before = other.key;
      federation.clock.advance(HOUR_MS);
      other.key = freshKey('b');
      const documents = await query({ [other.serverName]: { [before.keyId]: {}, 'ed25519:b': {} } });
      const ids = documents.flatMap((document) => Object.keys(document['verify_keys'] as JsonObject));
      assert.deepEqual(ids.sort(), [before.keyId, 'ed25519:b'].sort());
    });

    it('asks for a bounded number of servers, and none over and over for keys that it does not have', async () => {
      const names = Array.from({ length: 5_000 }, (_, n) => [`127.0.${n >> 8}.${n & 255}:1`, {}]);
      assert.deepEqual(await query(Object.fromEntries(names)), []);
      const keys = Array.from({ length: 5_000 }, (_, n) => [`ed25519:k${n}`, {}]);
      assert.equal((await query({ [other.serverName]: Object.fromEntries(keys) })).length, 1);
      await query({ [other.serverName]: Object.fromEntries(keys) });
      assert.equal(other.peer.requests.length, 1);
    });

    it('waits for a server that does not come to an end no longer than for one', async () => {
      await query({ [here.serverName]: {} });
      const isAsked = new Promise<void>((resolve) => {
        other.answerKeys = (_, response) => {
          response.writeHead(200).write('{');
          resolve();
        };
      });
      const answer = query({ [other.serverName]: {}, [here.serverName]: {} });
      await isAsked;
      federation.clock.advance(10_000);
      assert.equal((await answer).length, 1);
    });

    it('adds its signature to what others signed, whatever that holds', async () => {
      const plain = other.keys;
      other.keys = () => {
        const { signatures: _, ...document } = plain();
        return signJson(
          JSON.parse(`{"__proto__":{"a":1},${JSON.stringify(document).slice(1)}`),
          other.serverName,
          other.key,
        );
      };
      const [document] = await query({ [other.serverName]: {} });
      assert.ok(Object.hasOwn(document!, '__proto__'));
      assert.ok(isSignedBy(document!, here.serverName, ownKey()));
    });

    it('refuses criteria of another form', async () => {
      for (const body of ['{"server_keys":1}', '{"server_keys":[]}', '{"server_keys":{"a":{"b":1}}}']) {
        const answer = await send(federation.ca, here.serverName, {
          method: 'POST',
          uri: '/_matrix/key/v2/query',
          body,
        });
        assert.deepEqual([answer.status, answer.body.errcode], [400, 'M_BAD_JSON']);
      }
    });
  });

  describe('GET /query/{serverName}', () => {
    it('tells the keys of one server', async () => {
      const { server_keys } = await get(`/_matrix/key/v2/query/${other.serverName}`);
      assert.deepEqual([server_keys.length, server_keys[0].server_name], [1, other.serverName]);
    });

    it('tells nothing of a server that cannot be reached', async () => {
      assert.deepEqual(await get('/_matrix/key/v2/query/localhost:1'), { server_keys: [] });
      assert.equal((await get('/_matrix/key/v2/query/no%20server')).errcode, 'M_INVALID_PARAM');
    });
  });
});
