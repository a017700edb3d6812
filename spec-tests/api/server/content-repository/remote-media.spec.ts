import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import sharp from 'sharp';
import { type ScriptedServer, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTestFederation, type TestFederation, type TestPeer } from '../../../support/test-federation.ts';
import type { TestUser } from '../../../support/test-homeserver.ts';

const MINUTE = 60_000;

describe('Files across servers', function () {
  this.timeout(30_000);
  let federation: TestFederation;
  let here: TestPeer;
  let there: TestPeer;
  let scripted: ScriptedServer;
  let bob: TestUser;
  let picture: Buffer;

  before(async function () {
    federation = await startTestFederation(this, 2, { media: { remote_cache_size: '1MB', remote_max_size: '600KB' } });
    [here, there] = federation.servers as [TestPeer, TestPeer];
    scripted = await startScriptedServer(federation.ca, federation.clock);
    bob = await here.register('bob');
    const create = { width: 200, height: 100, channels: 3, background: 'red' } as const;
    picture = await sharp({ create }).png().toBuffer();
  });
  after(async () => {
    await scripted?.close();
    await federation?.stop();
  });

  const upload = async (bytes: Buffer, query = '', type = 'image/png'): Promise<string> => {
    const { accessToken } = await there.register(`u${Math.round(performance.now() * 1000)}`);
    const response = await fetch(`${there.url}/_matrix/media/v3/upload${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': type },
      body: bytes,
    });
    const { content_uri } = (await response.json()) as { content_uri: string };
    return content_uri.slice('mxc://'.length);
  };
  const get = (path: string) =>
    fetch(`${here.url}/_matrix/client/v1/media/${path}`, { headers: { authorization: `Bearer ${bob.accessToken}` } });
  const errcode = async (path: string) => {
    const response = await get(path);
    return [response.status, ((await response.json()) as { errcode: string }).errcode];
  };

  it('are fetched from where they are, with their names', async () => {
    const address = await upload(picture, '?filename=a%20%22picture%22');
    const response = await get(`download/${address}`);
    assert.equal(response.status, 200);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), picture);
    assert.equal(response.headers.get('content-type'), 'image/png');
    assert.match(response.headers.get('content-disposition') ?? '', /^inline; filename\*=utf-8''a%20%22picture%22$/);
  });

  it('are kept, also over a restart and while their server is away', async () => {
    const address = await upload(picture);
    assert.equal((await fetch(`${here.url}/_matrix/media/v3/download/${address}?allow_remote=false`)).status, 404);
    await get(`download/${address}`);
    await here.restart();
    const response = await fetch(`${here.url}/_matrix/media/v3/download/${address}?allow_remote=false`);
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), picture);
  });

  it('have thumbnails', async () => {
    const address = await upload(picture);
    const response = await get(`thumbnail/${address}?width=32&height=32&method=crop`);
    const { width, height } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    assert.deepEqual([response.status, width, height], [200, 32, 32]);
  });

  it('make room for others when there are too many', async () => {
    const addresses: string[] = [];
    for (let n = 0; n < 3; n++) {
      const address = await upload(Buffer.alloc(400_000, n), '', 'application/octet-stream');
      addresses.push(address);
      assert.equal((await get(`download/${address}`)).status, 200);
      federation.clock.advance(2 * 3_600_000);
    }
    const { storage } = here.homeserver.services;
    assert.ok((await storage.read((tx) => tx.media.remoteSize())) <= 1024 * 1024);
    const kept = async (address: string) =>
      (await fetch(`${here.url}/_matrix/media/v3/download/${address}?allow_remote=false`)).status;
    assert.deepEqual([await kept(addresses[0]!), await kept(addresses[2]!)], [404, 200]);
  });

  it('are refused if they are too large, absent or of no server', async () => {
    const large = await upload(Buffer.alloc(1_000_000), '', 'application/octet-stream');
    assert.deepEqual(await errcode(`download/${large}`), [502, 'M_TOO_LARGE']);
    assert.deepEqual(await errcode(`download/${there.serverName}/absentabsentabsent`), [404, 'M_NOT_FOUND']);
    assert.deepEqual(await errcode('download/localhost:1/abcdefghijkl'), [502, 'M_UNKNOWN']);
  });

  describe('of a server that', () => {
    let asked: string[];
    let script: (target: string, response: ServerResponse) => void;
    let count = 0;
    const fresh = () => `${scripted.serverName}/file${String(++count).padStart(8, '0')}`;
    const multipart = (response: ServerResponse, body: string | Buffer, boundary = 'b') =>
      response.writeHead(200, { 'content-type': `multipart/mixed; boundary=${boundary}` }).end(body);

    beforeEach(() => {
      asked = [];
      scripted.answer = (request, response) => {
        asked.push((request.url ?? '').split('?')[0] ?? '');
        script(request.url ?? '', response);
      };
    });

    it('is old are fetched by the old path', async () => {
      script = (target, response) => {
        if (target.startsWith('/_matrix/federation')) response.writeHead(404).end('{"errcode":"M_UNRECOGNIZED"}');
        else response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
      };
      const address = fresh();
      assert.equal(await (await get(`download/${address}`)).text(), 'hello');
      assert.equal(
        asked[1],
        `/_matrix/media/v3/download/${encodeURIComponent(scripted.serverName)}/${address.split('/')[1]}`,
      );
    });

    it('keeps them elsewhere are fetched there', async () => {
      script = (target, response) => {
        if (target === '/elsewhere') response.writeHead(200, { 'content-type': 'text/plain' }).end('from elsewhere');
        else {
          const location = `https://${scripted.serverName}/elsewhere`;
          multipart(response, `--b\r\n\r\n{}\r\n--b\r\nLocation: ${location}\r\n\r\n\r\n--b--\r\n`);
        }
      };
      assert.equal(await (await get(`download/${fresh()}`)).text(), 'from elsewhere');
    });

    for (const location of ['http://localhost/', 'file:///etc/passwd', 'https://192.168.0.1/', 'nonsense']) {
      it(`sends others to ${location} are not fetched there`, async () => {
        script = (_, response) =>
          multipart(response, `--b\r\n\r\n{}\r\n--b\r\nLocation: ${location}\r\n\r\n\r\n--b--\r\n`);
        assert.deepEqual(await errcode(`download/${fresh()}`), [502, 'M_UNKNOWN']);
      });
    }

    const large = Buffer.concat([Buffer.from('--b\r\n\r\n{}\r\n--b\r\n\r\n'), Buffer.alloc(900_000)]);
    for (const [what, body, code] of [
      ['breaks off', '--b\r\n\r\n{}\r\n--b\r\n\r\nhalf', 'M_UNKNOWN'],
      ['answers one part', '--b\r\n\r\n{}\r\n--b--\r\n', 'M_UNKNOWN'],
      ['answers nothing', '', 'M_UNKNOWN'],
      ['has a huge first part', `--b\r\n\r\n${'x'.repeat(200_000)}\r\n--b\r\n\r\na\r\n--b--`, 'M_UNKNOWN'],
      ['has a huge file', large, 'M_TOO_LARGE'],
    ] as const) {
      it(`${what} are 502`, async () => {
        script = (_, response) => multipart(response, body);
        assert.deepEqual(await errcode(`download/${fresh()}`), [502, code]);
      });
    }

    it('fails are not asked for again at once', async () => {
      script = (_, response) => response.writeHead(500).end();
      const address = fresh();
      for (let n = 0; n < 3; n++) assert.equal((await get(`download/${address}`)).status, 502);
      assert.equal(asked.length, 1);
      script = (_, response) => multipart(response, '--b\r\n\r\n{}\r\n--b\r\n\r\nnow\r\n--b--');
      federation.clock.advance(MINUTE);
      assert.equal(await (await get(`download/${address}`)).text(), 'now');
    });

    it('is slow are asked for once by all who want them', async () => {
      script = (_, response) => multipart(response, '--b\r\n\r\n{}\r\n--b\r\n\r\nonce\r\n--b--');
      const address = fresh();
      const answers = await Promise.all(Array.from({ length: 5 }, () => get(`download/${address}`)));
      assert.deepEqual(await Promise.all(answers.map((answer) => answer.text())), Array(5).fill('once'));
      assert.equal(asked.length, 1);
    });

    it('asks for files gets those of this server only', async () => {
      const address = await upload(picture);
      const [, mediaId] = address.split('/');
      const download = `/_matrix/federation/v1/media/download/${mediaId}`;
      assert.equal((await scripted.ask(there.serverName, { uri: download })).status, 200);
      assert.equal((await scripted.ask(here.serverName, { uri: download })).body.errcode, 'M_NOT_FOUND');
      const thumbnail = `/_matrix/federation/v1/media/thumbnail/${mediaId}?width=32&height=32`;
      const { status, headers } = await scripted.ask(there.serverName, { uri: thumbnail });
      assert.deepEqual([status, headers.get('content-type')?.startsWith('multipart/mixed; boundary=')], [200, true]);
    });
  });
});
