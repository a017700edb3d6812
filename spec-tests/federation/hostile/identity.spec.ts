import assert from 'node:assert/strict';
import { signRequest } from '../../../src/federation/signed-client/sign-request.ts';
import { formatXMatrix } from '../../../src/federation/signed-client/x-matrix.ts';
import type { KeyId } from '../../../src/protocol/identifiers/key-id.ts';
import type { ServerName } from '../../../src/protocol/identifiers/server-name.ts';
import { HostileServer } from '../../support/hostile-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../support/test-federation.ts';

describe('A hostile server that is somebody else', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let home: TestPeer;
  let victim: TestPeer;
  let hostile: HostileServer;

  before(async function () {
    federation = await startTestFederation(this, 2);
    [home, victim] = federation.servers as [TestPeer, TestPeer];
    hostile = await HostileServer.start(federation);
  });
  after(async () => {
    await hostile?.stop();
    await federation?.stop();
  });

  const path = '/event/$nothing';

  it('is believed in its own name only', async () => {
    assert.equal((await hostile.ask(home, 'GET', path)).status, 404);
    const answer = await hostile.ask(home, 'GET', path, undefined, { name: victim.serverName });
    assert.deepEqual([answer.status, answer.body.errcode], [401, 'M_UNAUTHORIZED']);
  });

  it('cannot use the signature of another request, destination, or body', async () => {
    const uri = `/_matrix/federation/v1${path}`;
    const signed = { method: 'GET', uri, origin: hostile.name, destination: home.serverName as ServerName };
    const good = signRequest(signed, hostile.key);
    assert.equal((await hostile.send(home, 'GET', uri, undefined, { authorization: good })).status, 404);
    const refused = [
      hostile.send(home, 'GET', `${uri}x`, undefined, { authorization: good }),
      hostile.send(home, 'PUT', uri.replace('/event/', '/send/'), '{"pdus":[]}', { authorization: good }),
      hostile.send(victim, 'GET', uri, undefined, { authorization: good }),
    ];
    for (const answer of await Promise.all(refused)) assert.ok([401, 404, 405].includes(answer.status));
    assert.equal((await refused[0]!).status, 401);
    assert.equal((await refused[2]!).status, 401);
  });

  it('makes this server ask for few keys, however many it names', async () => {
    const before = hostile.requests.length;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => {
        const authorization = formatXMatrix({
          origin: hostile.name,
          destination: home.serverName as ServerName,
          key: `ed25519:flood${n}` as KeyId,
          sig: 'A'.repeat(86),
        });
        return hostile.send(home, 'GET', `/_matrix/federation/v1${path}`, undefined, { authorization });
      }),
    );
    assert.ok(answers.every(({ status }) => status === 401));
    const asked = hostile.requests.length - before;
    assert.ok(asked <= 10, `asked for keys ${asked} times`);
    assert.equal((await hostile.ask(home, 'GET', path)).status, 404);
  });
});
