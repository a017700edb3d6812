import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { isFor } from '../../src/http/audience.ts';
import { send } from '../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../support/test-federation.ts';

describe('A listener', () => {
  for (const [path, client, federation] of [
    ['/_matrix/client/versions', true, false],
    ['/_matrix/client/v3/sync', true, false],
    ['/_matrix/federation/v1/version', false, true],
    ['/_matrix/key/v2/server', false, true],
    ['/_matrix/policy/v1/sign', false, true],
    ['/_matrix/media/v3/download/a/b', true, true],
    ['/.well-known/matrix/server', true, true],
    ['/_synapse/admin/v1/register', true, false],
    ['/', true, false],
  ] as const) {
    it(`serves ${path} to whom it is for`, () => {
      assert.deepEqual([isFor(['client'])(path), isFor(['federation'])(path)], [client, federation]);
      assert.ok(isFor(['client', 'federation'])(path));
    });
  }
});

describe('A listener with TLS', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let server: TestPeer;
  before(async function () {
    federation = await startTestFederation(this, 1);
    [server] = federation.servers as [TestPeer];
  });
  after(() => federation?.stop());

  it('answers other servers alone if it is for them', async () => {
    const ask = async (uri: string) => (await send(federation.ca, server.serverName, { uri })).status;
    assert.equal(await ask('/_matrix/federation/v1/version'), 200);
    assert.equal(await ask('/_matrix/client/versions'), 404);
    assert.equal((await server.ask('GET', '/_matrix/federation/v1/version')).status, 404);
    assert.equal((await server.ask('GET', '/versions')).status, 200);
  });

  it('is told as https', () => {
    const [plain, encrypted] = server.homeserver.urls;
    assert.match(plain ?? '', /^http:/);
    assert.match(encrypted ?? '', /^https:/);
  });

  it('takes a certificate that was renewed while it runs, and keeps the last if that is none', async () => {
    const third = await federation.add();
    const at = (name: string) => join(third.engine.folder, name);
    const serial = () =>
      new Promise<string>((resolve, reject) => {
        const options = { host: '127.0.0.1', port: Number(third.serverName.split(':')[1]), servername: 'localhost' };
        const socket = connect({ ...options, ca: readFileSync(federation.ca.file) }, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        }).on('error', reject);
      });
    const first = await serial();
    writeFileSync(at('tls.key'), 'no key');
    federation.clock.advance(3_600_000);
    assert.equal(await serial(), first);
    const { cert, key } = federation.ca.issue('localhost');
    writeFileSync(at('tls.pem'), cert);
    writeFileSync(at('tls.key'), key);
    federation.clock.advance(3_600_000);
    assert.notEqual(await serial(), first);
  });

  it('speaks no plain HTTP', async () => {
    await assert.rejects(fetch(`http://${server.serverName.replace('localhost', '127.0.0.1')}/`));
  });

  it('keeps connections, and closes them when the server stops', async () => {
    const second = await federation.add();
    const request = { destination: second.serverName as never, method: 'GET' as const, uri: '/_matrix/key/v2/server' };
    const { federationClient } = server.homeserver.services;
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(federation.ca.file) });
    const reusesItsConnection = () =>
      new Promise<boolean>((resolve, reject) => {
        const asking = get(
          `https://${second.serverName}${request.uri}`,
          { agent, servername: 'localhost' },
          (answer) => {
            answer.resume().on('end', () => resolve(asking.reusedSocket));
          },
        ).on('error', reject);
      });
    await federationClient.ask(request);
    assert.deepEqual([await reusesItsConnection(), await reusesItsConnection()], [false, true]);
    await second.restart();
    assert.equal(await reusesItsConnection(), false);
    await federationClient.ask(request);
    agent.destroy();
  });
});
