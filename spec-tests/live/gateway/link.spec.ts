import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Link, LinkError, LinkFault, type LinkLimits } from '../../../src/live/link/link.ts';
import { TestClock } from '../../support/test-clock.ts';

interface Asks {
  add: { ask: { a: number; b: number }; answer: { sum: number } };
  never: { ask: object; answer: object };
  fail: { ask: object; answer: object };
}

interface Tells {
  note: { text: string };
}

type Nothing = Record<never, never>;

const LIMITS: LinkLimits = { answerMs: 1000, waiting: 3, running: 2, heartbeatMs: 100, queueBytes: 1_000_000 };

describe('the link between the server and a gateway', () => {
  let http: Server;
  let clock: TestClock;
  let near: Link<Asks, Tells, Nothing, Nothing>;
  let far: Link<Nothing, Tells, Asks, Tells>;
  let sockets: WebSocket[];
  let notes: string[];
  let faults: unknown[];
  let wake: () => void;

  beforeEach(async () => {
    clock = new TestClock();
    [notes, faults] = [[], []];
    wake = () => undefined;
    http = createServer();
    const server = new WebSocketServer({ server: http });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
    const ws = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    await new Promise((resolve) => ws.once('open', resolve));
    const other = await accepted;
    sockets = [ws, other];
    const onFault = (error: unknown) => faults.push(error);
    near = new Link<Asks, Tells, Nothing, Nothing>({
      ...{ ws, clock, limits: LIMITS, onFault },
      serves: { answer: {}, take: {} },
    });
    far = new Link<Nothing, Tells, Asks, Tells>({
      ...{ ws: other, clock, limits: LIMITS, onFault },
      serves: {
        answer: {
          add: async ({ a, b }) => ({ sum: a + b }),
          never: () => new Promise(() => undefined),
          fail: () => Promise.reject(new Error('a secret of the database')),
        },
        take: {
          note({ text }) {
            notes.push(text);
            wake();
          },
        },
      },
    });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.terminate();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  });

  const ended = (link: { onEnd(callback: (why: Error | undefined) => void): void }) =>
    new Promise<Error | undefined>((resolve) => link.onEnd(resolve));

  it('answers questions, and takes news in the order in which they are told', async () => {
    near.tell('note', { text: 'one' });
    near.tell('note', { text: 'two' });
    assert.deepEqual(await near.ask('add', { a: 1, b: 2 }), { sum: 3 });
    assert.deepEqual(notes, ['one', 'two']);
  });

  it('says that something could not be done, and not why', async () => {
    await assert.rejects(near.ask('fail', {}), (error: Error) => {
      assert.ok(error instanceof LinkFault);
      assert.doesNotMatch(error.message, /database/);
      return true;
    });
    assert.match(String(faults[0]), /a secret of the database/);
  });

  it('waits for answers for some time, and for some at a time', async () => {
    const waiting = [near.ask('never', {}), near.ask('never', {}), near.ask('never', {})];
    await assert.rejects(near.ask('add', { a: 1, b: 2 }), LinkError);
    clock.advance(1000);
    for (const each of waiting) await assert.rejects(each, LinkError);
  });

  it('ends all questions when it is lost', async () => {
    const asked = near.ask('never', {});
    sockets[1]!.terminate();
    await assert.rejects(asked, LinkError);
    await assert.rejects(near.ask('add', { a: 1, b: 2 }), LinkError);
    near.tell('note', { text: 'lost' });
    assert.equal(near.isOpen, false);
  });

  it('is given up where the other end has said nothing for two looks', async () => {
    sockets[1]!.pause();
    const over = ended(near);
    clock.advance(250);
    assert.equal(near.isOpen, true);
    clock.advance(100);
    assert.match(String(await over), /says nothing any more/);
  });

  it('goes on where the other end answers', async () => {
    for (let n = 0; n < 5; n++) {
      clock.advance(100);
      await new Promise<void>((resolve) => sockets[0]!.once('pong', () => resolve()));
    }
    assert.equal(near.isOpen, true);
  });

  it('is given up where the other end does not read', async () => {
    sockets[1]!.pause();
    const over = ended(near);
    for (let n = 0; n < 200 && near.isOpen; n++) near.tell('note', { text: 'x'.repeat(100_000) });
    assert.match(String(await over), /does not read fast enough/);
    far.close();
  });

  it('passes over what it does not know', async () => {
    sockets[0]!.send('{"op":"__proto__","a":{}}');
    sockets[0]!.send('{"op":"later","a":{}}');
    sockets[0]!.send('{"q":9,"op":"constructor","a":{}}');
    sockets[0]!.send('not json');
    const heard = new Promise<void>((resolve) => {
      wake = resolve;
    });
    near.tell('note', { text: 'still here' });
    await heard;
    assert.equal(faults.length, 2);
  });
});
