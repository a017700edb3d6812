import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('the networks that are bridged to this server', () => {
  let server: TestHomeserver;
  before(async () => {
    server = await startTestHomeserver();
  });
  after(() => server.stop());

  it('are none, for whoever is logged in', async () => {
    const alice = await server.register('alice');
    const answer = await alice.ask('GET', '/v3/thirdparty/protocols');
    assert.deepEqual([answer.status, answer.body], [200, {}]);
    assert.equal((await server.ask('GET', '/v3/thirdparty/protocols')).body.errcode, 'M_MISSING_TOKEN');
  });
});
