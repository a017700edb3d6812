import assert from 'node:assert/strict';
import { startWithAppservices } from '../../../support/appservices.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import type { TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /appservice/{appserviceId}/ping', () => {
  let server: TestHomeserver;
  let bridge: Peer;
  let status = 200;

  before(async () => {
    bridge = await startPeer((_, response) => response.writeHead(status).end('{}'));
    const registrations = [
      { id: 'there', url: `http://127.0.0.1:${bridge.port}/bridge/` },
      { id: 'gone', url: 'http://127.0.0.1:1' },
      { id: 'silent', url: null },
    ];
    server = await startWithAppservices(registrations, { outgoing: { allow: ['127.0.0.0/8'] } });
  });
  after(async () => {
    await server.stop();
    await bridge.close();
  });

  const ping = (id: string, token = `${id}-as`) =>
    server.ask('POST', `/v1/appservice/${id}/ping`, { token, body: { transaction_id: 'one' } });

  it('reaches the application service with the token of the homeserver', async () => {
    const answer = await ping('there');
    assert.equal(answer.status, 200);
    assert.equal(typeof answer.body.duration_ms, 'number');
    const request = bridge.requests.at(-1)!;
    assert.deepEqual([request.method, request.target], ['POST', '/bridge/_matrix/app/v1/ping']);
    assert.equal(request.headers.authorization, 'Bearer there-hs');
  });

  it('tells what is wrong', async () => {
    status = 418;
    const bad = await ping('there');
    assert.deepEqual([bad.status, bad.body.errcode, bad.body.status], [502, 'M_BAD_STATUS', 418]);
    assert.deepEqual((await ping('gone')).body.errcode, 'M_CONNECTION_FAILED');
    assert.deepEqual((await ping('silent')).body.errcode, 'M_URL_NOT_SET');
    assert.deepEqual((await ping('there', 'gone-as')).body.errcode, 'M_FORBIDDEN');
  });
});
