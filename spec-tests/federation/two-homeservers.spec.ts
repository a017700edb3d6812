import assert from 'node:assert/strict';
import type { ServerName } from '../../src/protocol/identifiers/server-name.ts';
import { startTestFederation, type TestFederation } from '../support/test-federation.ts';

describe('Two homeservers', function () {
  this.timeout(30_000);
  let federation: TestFederation;

  before(async function () {
    federation = await startTestFederation(this, 2);
  });
  after(() => federation?.stop());

  it('reach each other by TLS', async () => {
    const [first, second] = federation.servers;
    const version = await first!.homeserver.services.federationClient.ask({
      destination: second!.serverName as ServerName,
      method: 'GET',
      uri: '/_matrix/federation/v1/version',
      signed: false,
    });
    assert.equal((version['server'] as { name: string }).name, 'iGChat');
  });

  it('know each other by their keys', async () => {
    const [first, second] = federation.servers;
    const { keyId } = second!.homeserver.services.signingKey;
    const server = second!.serverName as ServerName;
    const keys = await first!.homeserver.services.keyRing.lookup([{ server, keyId, validAt: first!.clock.now() }]);
    assert.ok(keys(server, keyId));
    await second!.restart();
  });
});
