import assert from 'node:assert/strict';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';
import { type Certificate, makeCa, type TestCa } from '../support/certificates.ts';
import { type Peer, startPeer } from '../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../support/test-outgoing.ts';

const PURPOSE = { purpose: 'test' } as const;
const failsWith = (kind: string, text?: RegExp) => (error: unknown) =>
  error instanceof OutgoingError && error.kind === kind && (text === undefined || text.test(error.message));

describe('OutgoingClient', () => {
  let ca: TestCa;
  let certificate: Certificate;
  let outgoing: TestOutgoing;
  let peers: Peer[];

  before(function () {
    ca = makeCa(this);
    certificate = ca.issue('peer.example', '*.wild.example', '127.0.0.1');
  });
  after(() => ca?.remove());
  beforeEach(() => {
    peers = [];
    outgoing = testOutgoing({ allow: ['127.0.0.1/32'], caFiles: [ca.file] });
    outgoing.names.address('peer.example', '127.0.0.1').address('other.example', '127.0.0.1');
  });
  afterEach(async () => {
    await outgoing.client.close();
    await Promise.all(peers.map((peer) => peer.close()));
  });

  const start = async (...args: Parameters<typeof startPeer>): Promise<Peer> => {
    const peer = await startPeer(...args);
    peers.push(peer);
    return peer;
  };
  const hello = (name: string) => start((_request, response) => response.end(`hello from ${name}`), { certificate });

  it('sends method, headers and body, and answers status, headers and body', async () => {
    const peer = await start(
      (request, response) => {
        const chunks: Buffer[] = [];
        request
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            response.writeHead(201, { 'x-one': ['1', '2'] }).end(Buffer.concat(chunks).toString().toUpperCase());
          });
      },
      { certificate },
    );
    const answer = await outgoing.client.send({
      ...PURPOSE,
      method: 'PUT',
      url: `https://peer.example:${peer.port}/a?b=c`,
      headers: { 'x-mine': 'yes' },
      body: 'text',
    });
    assert.equal(answer.status, 201);
    assert.equal(answer.header('x-one'), '1');
    assert.equal(answer.header('toString'), undefined);
    assert.equal(answer.body.toString(), 'TEXT');
    const [seen] = peer.requests;
    assert.deepEqual([seen?.method, seen?.target, seen?.sni], ['PUT', '/a?b=c', 'peer.example']);
    assert.equal(seen?.host, `peer.example:${peer.port}`);
    assert.equal(seen?.headers['x-mine'], 'yes');
    assert.match(seen?.headers['user-agent'] ?? '', /^iGChat\//);
  });

  it('keeps connections, and those of different certificate names apart', async () => {
    const peer = await hello('peer');
    for (let i = 0; i < 3; i++) await outgoing.client.send({ ...PURPOSE, url: `https://peer.example:${peer.port}/` });
    assert.equal(peer.connections, 1);
    const route = {
      protocol: 'https:',
      host: 'peer.example',
      port: peer.port,
      certificateName: 'a.wild.example',
    } as const;
    const answer = await outgoing.client.sendTo(route, { ...PURPOSE, target: '/x', hostHeader: 'somewhere.example' });
    assert.equal(answer.status, 200);
    assert.equal(peer.connections, 2);
    assert.deepEqual([peer.requests[3]?.sni, peer.requests[3]?.host], ['a.wild.example', 'somewhere.example']);
  });

  it('sends the target of a routed request to the letter', async () => {
    const peer = await hello('peer');
    const route = {
      protocol: 'https:',
      host: 'peer.example',
      port: peer.port,
      certificateName: 'peer.example',
    } as const;
    await outgoing.client.sendTo(route, { ...PURPOSE, target: '/a/%2e%2e/b//..?x=%zz', hostHeader: 'peer.example' });
    assert.equal(peer.requests[0]?.target, '/a/%2e%2e/b//..?x=%zz');
  });

  it('checks the certificate of an IP address, and sends no name', async () => {
    const peer = await hello('peer');
    const answer = await outgoing.client.send({ ...PURPOSE, url: `https://127.0.0.1:${peer.port}/` });
    assert.equal(answer.status, 200);
    assert.equal(peer.requests[0]?.sni, false);
  });

  it('refuses a certificate of another name', async () => {
    const peer = await hello('peer');
    const url = `https://other.example:${peer.port}/`;
    await assert.rejects(outgoing.client.send({ ...PURPOSE, url }), failsWith('tls-failed', /ERR_TLS_CERT_ALTNAME/));
    assert.equal(peer.requests.length, 0);
  });

  it('refuses a certificate of an authority that is not trusted', async () => {
    const peer = await hello('peer');
    const strict = testOutgoing({ allow: ['127.0.0.1'] });
    strict.names.address('peer.example', '127.0.0.1');
    const url = `https://peer.example:${peer.port}/`;
    await assert.rejects(strict.client.send({ ...PURPOSE, url }), failsWith('tls-failed'));
    await strict.client.close();
  });

  it('trusts the given authorities alone, if the configuration says so', async () => {
    const peer = await hello('peer');
    const alone = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file], publicCas: false });
    alone.names.address('peer.example', '127.0.0.1');
    assert.equal((await alone.client.send({ ...PURPOSE, url: `https://peer.example:${peer.port}/` })).status, 200);
    await alone.client.close();
  });

  it('connects to none but permitted addresses', async () => {
    const peer = await hello('peer');
    const closed = testOutgoing({ caFiles: [ca.file] });
    closed.names.address('peer.example', '127.0.0.1', '::1', '10.0.0.1');
    for (const host of ['peer.example', '127.0.0.1', '[::ffff:127.0.0.1]', '[::1]', '2130706433', '0x7f.1', '127.1']) {
      const url = `https://${host}:${peer.port}/`;
      await assert.rejects(closed.client.send({ ...PURPOSE, url }), failsWith('address-refused'), host);
    }
    assert.equal(peer.connections, 0);
    await closed.client.close();
  });

  it('connects to the addresses that it has checked, whatever the name servers say afterwards', async () => {
    const peer = await hello('peer');
    const outside = await startPeer((_request, response) => response.end('inside'), {
      certificate,
      address: '127.0.0.2',
    });
    peers.push(outside);
    outgoing.names.ttlMs = 0;
    const addresses = outgoing.names.addresses.bind(outgoing.names);
    outgoing.names.addresses = async (host) => {
      const found = await addresses(host);
      outgoing.names.address('peer.example', '127.0.0.2');
      return found;
    };
    const url = `https://peer.example:${peer.port}/`;
    assert.equal((await outgoing.client.send({ ...PURPOSE, url })).body.toString(), 'hello from peer');
    assert.deepEqual(outgoing.names.asked, ['peer.example']);
    await outgoing.client.close();
    assert.equal(outside.connections, 0);
  });

  it('uses what is permitted of several addresses, and the next one when one does not answer', async () => {
    const peer = await hello('peer');
    outgoing.names.address('peer.example', '10.0.0.1', '::1', '127.0.0.1');
    const url = `https://peer.example:${peer.port}/`;
    assert.equal((await outgoing.client.send({ ...PURPOSE, url })).status, 200);
  });

  it('tells names that do not exist from name servers that fail and ports that are closed', async () => {
    const peer = await hello('peer');
    await peer.close();
    outgoing.names.fails('failing.example');
    const send = (host: string) => outgoing.client.send({ ...PURPOSE, url: `https://${host}:${peer.port}/` });
    await assert.rejects(send('nowhere.example'), failsWith('name-not-found'));
    await assert.rejects(send('failing.example'), failsWith('name-failed'));
    await assert.rejects(send('peer.example'), failsWith('connect-failed', /ECONNREFUSED/));
  });

  it('sends plain HTTP only where that is allowed', async () => {
    const peer = await start((_request, response) => response.end('plain'));
    const url = `http://peer.example:${peer.port}/`;
    await assert.rejects(outgoing.client.send({ ...PURPOSE, url }), failsWith('bad-request'));
    assert.equal((await outgoing.client.send({ ...PURPOSE, url, allowPlainHttp: true })).body.toString(), 'plain');
  });

  for (const url of [
    '',
    'peer.example',
    'file:///etc/passwd',
    'ftp://peer.example/',
    'https://me:secret@peer.example/',
  ]) {
    it(`refuses the address "${url}"`, async () => {
      const refusal = (error: unknown) => failsWith('bad-request')(error) && !/secret/.test(String(error));
      await assert.rejects(outgoing.client.send({ ...PURPOSE, url }), refusal);
    });
  }

  it('does not tell path, query and headers in its errors', async () => {
    const url = 'https://nowhere.example/path-of-mine?access_token=secret';
    const headers = { authorization: 'Bearer secret' };
    await assert.rejects(outgoing.client.send({ ...PURPOSE, url, headers }), (error: Error) => {
      assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /secret|path-of-mine/);
      return true;
    });
  });

  it('refuses header values that would end their line', async () => {
    const peer = await hello('peer');
    const url = `https://peer.example:${peer.port}/`;
    const headers = { 'x-mine': 'a\r\nx-other: b' };
    await assert.rejects(outgoing.client.send({ ...PURPOSE, url, headers }), failsWith('bad-request'));
  });

  it('ends a request that nobody wants any more', async () => {
    let arrived: () => void = () => assert.fail();
    const atPeer = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const peer = await start(() => arrived(), { certificate });
    const controller = new AbortController();
    const { signal } = controller;
    const answer = outgoing.client.send({ ...PURPOSE, url: `https://peer.example:${peer.port}/`, signal });
    await atPeer;
    controller.abort();
    await assert.rejects(answer, failsWith('aborted'));
  });

  it('sends once more what a kept connection lost', async () => {
    let answers = 0;
    const peer = await start(
      (request, response) => {
        answers += 1;
        if (answers === 2) request.socket.destroy();
        else response.end('well');
      },
      { certificate },
    );
    const url = `https://peer.example:${peer.port}/`;
    await outgoing.client.send({ ...PURPOSE, url });
    assert.equal((await outgoing.client.send({ ...PURPOSE, url })).body.toString(), 'well');
    assert.equal(answers, 3);
  });

  it('lets so many requests to a host run and so many wait', async () => {
    const held: (() => void)[] = [];
    const peer = await start((_request, response) => held.push(() => response.end('well')), { certificate });
    const small = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file], requestsPerHost: 1, waitingPerHost: 1 });
    small.names.address('peer.example', '127.0.0.1');
    const send = () => small.client.send({ ...PURPOSE, url: `https://peer.example:${peer.port}/` });
    const [first, second] = [send(), send()];
    await assert.rejects(send(), failsWith('busy'));
    const finished = Promise.all([first, second]);
    let done = false;
    finished.then(() => {
      done = true;
    });
    while (!done) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(peer.connections, 1);
    await small.client.close();
  });

  it('closes the connections of the host unused for longest', async () => {
    const small = testOutgoing({ allow: ['127.0.0.1'], caFiles: [ca.file], hosts: 1 });
    small.names.address('peer.example', '127.0.0.1');
    const [one, two] = [await hello('one'), await hello('two')];
    for (const { port } of [one, two, one])
      await small.client.send({ ...PURPOSE, url: `https://peer.example:${port}/` });
    assert.equal(small.client.hosts, 1);
    assert.equal(one.connections, 2);
    await small.client.close();
  });

  it('counts requests by purpose and outcome', async () => {
    const peer = await hello('peer');
    await outgoing.client.send({ ...PURPOSE, url: `https://peer.example:${peer.port}/` });
    await assert.rejects(outgoing.client.send({ ...PURPOSE, url: 'https://nowhere.example/' }));
    const { body } = await outgoing.metrics.text();
    assert.match(body, /igchat_outgoing_requests\{purpose="test",outcome="2xx"\} 1/);
    assert.match(body, /igchat_outgoing_requests\{purpose="test",outcome="name-not-found"\} 1/);
    assert.match(body, /igchat_outgoing_hosts 2/);
  });
});
