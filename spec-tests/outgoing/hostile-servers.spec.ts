import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { OutgoingError } from '../../src/outgoing/outgoing-error.ts';
import type { OutgoingRequest } from '../../src/outgoing/outgoing-request.ts';
import { type Peer, startPeer, startRawPeer } from '../support/peer.ts';
import { type TestOutgoing, testOutgoing } from '../support/test-outgoing.ts';

const failsWith = (kind: string, text?: RegExp) => (error: unknown) =>
  error instanceof OutgoingError && error.kind === kind && (text === undefined || text.test(error.message));

/** A promise, and what fulfils it. */
function event(): { readonly happened: Promise<void>; readonly happen: () => void } {
  let happen: () => void = () => undefined;
  const happened = new Promise<void>((resolve) => {
    happen = resolve;
  });
  return { happened, happen };
}

describe('OutgoingClient and hostile servers', () => {
  let outgoing: TestOutgoing;
  let peers: Peer[];

  beforeEach(() => {
    peers = [];
    outgoing = testOutgoing({ allow: ['127.0.0.1/32'] });
    outgoing.names.address('peer.example', '127.0.0.1').address('inside.example', '127.0.0.2');
  });
  afterEach(async () => {
    await outgoing.client.close();
    await Promise.all(peers.map((peer) => peer.close()));
  });

  const start = async (peer: Promise<Peer>): Promise<Peer> => {
    peers.push(await peer);
    return peer;
  };
  const send = ({ port }: Peer, changes: Partial<OutgoingRequest> = {}) =>
    outgoing.client.send({ purpose: 'test', url: `http://peer.example:${port}/`, allowPlainHttp: true, ...changes });
  /** Answers whatever arrives with these bytes, and goes on with `then`. */
  const saying = (head: string, then: (socket: Socket) => void = () => undefined) =>
    start(
      startRawPeer((socket) => {
        socket.once('data', () => {
          socket.write(head);
          then(socket);
        });
      }),
    );

  it('stops reading a body without end', async () => {
    const closed = event();
    const peer = await saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', (socket) => {
      const chunk = `1000\r\n${'a'.repeat(0x1000)}\r\n`;
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more).once('close', closed.happen);
      more();
    });
    await assert.rejects(send(peer, { maxBytes: 100_000 }), failsWith('too-large'));
    await closed.happened;
  });

  it('reads no body that says it is too large', async () => {
    const closed = event();
    const peer = await saying('HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n', (s) =>
      s.once('close', closed.happen),
    );
    await assert.rejects(send(peer, { maxBytes: 100_000 }), failsWith('too-large'));
    await closed.happened;
  });

  it('gathers a body of many tiny pieces', async () => {
    const pieces = '1\r\na\r\n'.repeat(20_000);
    const peer = await saying(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`);
    assert.equal((await send(peer)).body.length, 20_000);
  });

  it('fails a stream beyond its limit', async () => {
    const peer = await saying(`HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(2000)}`);
    const url = `http://peer.example:${peer.port}/`;
    const answer = await outgoing.client.open({ purpose: 'test', url, allowPlainHttp: true, maxBytes: 1000 });
    await assert.rejects(async () => {
      for await (const _ of answer.body);
    }, failsWith('too-large'));
  });

  it('refuses a head without end', async () => {
    const peer = await saying('HTTP/1.1 200 OK\r\n', (socket) => {
      const header = `x-${'y'.repeat(1000)}: ${'z'.repeat(1000)}\r\n`;
      const more = () => {
        while (!socket.destroyed && socket.write(header));
      };
      socket.on('drain', more);
      more();
    });
    await assert.rejects(send(peer), failsWith('too-large', /head/));
  });

  it('gives up when the head does not come to an end in time', async () => {
    const asked = event();
    const peer = await saying('HTTP/1.1 200 OK\r\nx-a: ', asked.happen);
    const answer = send(peer, { timeoutMs: 5_000 });
    await asked.happened;
    outgoing.clock.advance(5_000);
    await assert.rejects(answer, failsWith('timeout'));
  });

  it('gives up when the body does not come to an end in time, however steadily it drips', async () => {
    const closed = event();
    const peer = await saying('HTTP/1.1 200 OK\r\n\r\n', (socket) => {
      const drip = () => {
        if (!socket.destroyed) socket.write('a', () => setImmediate(drip));
      };
      socket.once('close', closed.happen);
      drip();
    });
    const url = `http://peer.example:${peer.port}/`;
    const answer = await outgoing.client.open({ purpose: 'test', url, allowPlainHttp: true, timeoutMs: 5_000 });
    const read = assert.rejects(async () => {
      for await (const _ of answer.body);
    }, failsWith('timeout'));
    outgoing.clock.advance(5_000);
    await read;
    await closed.happened;
  });

  it('gives up a server that says nothing in TLS', async () => {
    const accepted = event();
    const peer = await start(startRawPeer(accepted.happen));
    const answer = send(peer, { url: `https://peer.example:${peer.port}/` });
    await accepted.happened;
    // The client registers its time for TLS as soon as it knows of the connection.
    while (outgoing.clock.pending < 2) await new Promise((resolve) => setImmediate(resolve));
    outgoing.clock.advance(10_000);
    await assert.rejects(answer, failsWith('connect-failed', /within 10000 ms/));
  });

  it('takes what is not TLS for no server', async () => {
    const peer = await start(startRawPeer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await assert.rejects(send(peer, { url: `https://peer.example:${peer.port}/` }), failsWith('tls-failed'));
  });

  it('takes what is not HTTP for a bad answer', async () => {
    const peer = await saying('SSH-2.0-OpenSSH_9.2\r\n\r\n');
    await assert.rejects(send(peer), failsWith('bad-response'));
  });

  it('does not take a body that ends too early for the whole', async () => {
    const peer = await saying('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', (socket) => socket.end());
    await assert.rejects(send(peer), failsWith('connection-lost'));
  });

  it('does not take more than the head of a second answer for one of its own', async () => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n';
    const peer = await saying(`${head}a${head}b`);
    const bodies = [(await send(peer)).body.toString()];
    await send(peer).then(
      ({ body }) => bodies.push(body.toString()),
      () => undefined,
    );
    assert.ok(!bodies.includes('b'));
  });

  for (const [name, location] of [
    ['a name inside', 'http://inside.example:PORT/'],
    ['an address inside', 'http://127.0.0.2:PORT/'],
    ['an address inside in another form', 'http://[::ffff:127.0.0.2]:PORT/'],
    ['the metadata of a cloud', 'http://169.254.169.254/latest/meta-data/'],
  ] as const) {
    it(`does not follow a redirect to ${name}`, async () => {
      const inside = await start(startPeer((_q, response) => response.end('secret'), { address: '127.0.0.2' }));
      const to = location.replace('PORT', String(inside.port));
      const peer = await start(startPeer((_q, response) => response.writeHead(302, { location: to }).end()));
      await assert.rejects(send(peer, { maxRedirects: 3 }), failsWith('address-refused'));
      assert.equal(inside.connections, 0);
    });
  }

  it('does not follow redirects to other protocols, or to plain HTTP from a request that wants TLS', async () => {
    for (const to of ['file:///etc/passwd', 'gopher://peer.example/', 'http://user:pass@peer.example/', 'http://[']) {
      const peer = await start(startPeer((_q, response) => response.writeHead(302, { location: to }).end()));
      await assert.rejects(send(peer, { maxRedirects: 3 }), failsWith('redirect-refused'), to);
    }
  });

  it('follows no more redirects than it should, wherever they lead', async () => {
    const peer = await start(startPeer((_q, response) => response.writeHead(302, { location: '/again' }).end()));
    await assert.rejects(send(peer, { maxRedirects: 3 }), failsWith('redirect-refused', /too many/));
    assert.equal(peer.requests.length, 4);
    assert.equal((await send(peer)).status, 302);
  });

  it('does not tell another origin what was for the first', async () => {
    const other = await start(startPeer((_q, response) => response.end('other')));
    const peer = await start(
      startPeer((request, response) => {
        const location = request.url === '/' ? '/next' : `http://peer.example:${other.port}/`;
        response.writeHead(307, { location }).end();
      }),
    );
    const headers = { authorization: 'Bearer secret', Cookie: 'a=b', 'x-mine': 'yes' };
    const answer = await send(peer, { method: 'PUT', body: 'text', headers, maxRedirects: 5 });
    assert.equal(answer.url, `http://peer.example:${other.port}/`);
    assert.equal(peer.requests[1]?.headers.authorization, 'Bearer secret');
    const [seen] = other.requests;
    assert.deepEqual([seen?.method, seen?.headers.authorization, seen?.headers.cookie], ['PUT', undefined, undefined]);
    assert.equal(seen?.headers['x-mine'], 'yes');
  });

  it('asks with GET after "see other"', async () => {
    const peer = await start(
      startPeer((request, response) => {
        if (request.url === '/') response.writeHead(303, { location: '/next' }).end();
        else response.end(request.method);
      }),
    );
    assert.equal((await send(peer, { method: 'POST', body: 'text', maxRedirects: 1 })).body.toString(), 'GET');
  });

  it('goes on with others while a host holds its connections', async () => {
    const small = testOutgoing({ allow: ['127.0.0.1'], requestsPerHost: 2, waitingPerHost: 2 });
    small.names.address('slow.example', '127.0.0.1').address('quick.example', '127.0.0.1');
    const slow = await start(startRawPeer(() => undefined));
    const quick = await start(startPeer((_q, response) => response.end('quick')));
    const ask = (host: string, { port }: Peer) =>
      small.client.send({ purpose: 'test', url: `http://${host}:${port}/`, allowPlainHttp: true });
    const held = [1, 2, 3, 4].map(() => assert.rejects(ask('slow.example', slow), failsWith('timeout')));
    await assert.rejects(ask('slow.example', slow), failsWith('busy'));
    assert.equal((await ask('quick.example', quick)).body.toString(), 'quick');
    small.clock.advance(60_000);
    await Promise.all(held);
    await small.client.close();
  });
});
