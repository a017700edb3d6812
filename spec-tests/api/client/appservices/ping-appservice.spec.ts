import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { migratedEngine } from '../../../support/engines.ts';
import { type Peer, startPeer } from '../../../support/peer.ts';
import { startTestHomeserver, type TestHomeserver } from '../../../support/test-homeserver.ts';

describe('POST /appservice/{appserviceId}/ping', () => {
  let server: TestHomeserver;
  let bridge: Peer;
  let status = 200;

  before(async () => {
    bridge = await startPeer((_, response) => response.writeHead(status).end('{}'));
    const database = await migratedEngine();
    const folder = join(database.folder, 'appservices');
    mkdirSync(folder);
    const register = (id: string, url: string | null) =>
      writeFileSync(
        join(folder, `${id}.yaml`),
        stringify({
          ...{ id, url, as_token: `${id}-as`, hs_token: `${id}-hs`, sender_localpart: id },
          namespaces: { users: [], aliases: [], rooms: [] },
        }),
      );
    register('there', `http://127.0.0.1:${bridge.port}/bridge/`);
    register('gone', 'http://127.0.0.1:1');
    register('silent', null);
    server = await startTestHomeserver({ appservices: { folder }, outgoing: { allow: ['127.0.0.0/8'] } }, database);
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
