import assert from 'node:assert/strict';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../support/test-homeserver.ts';

describe('To-device messages in sync', () => {
  let server: TestHomeserver;
  let alice: TestUser;
  let bob: TestUser;
  let sent = 0;

  before(async () => {
    server = await startTestHomeserver({ limits: { sync_to_device_max: 10 } });
    alice = await server.register('alice');
  });
  after(() => server.stop());
  beforeEach(async () => {
    sent += 1;
    bob = await server.register(`bob${sent}`);
  });

  const send = async (...numbers: number[]) => {
    for (const n of numbers) {
      sent += 1;
      const messages = { [bob.userId]: { [bob.deviceId]: { n } } };
      await alice.ask('PUT', `/v3/sendToDevice/org.example/t${sent}`, { messages });
    }
  };
  const sync = async (since?: string): Promise<{ numbers: number[]; next: string }> => {
    const { body } = await bob.ask('GET', `/v3/sync?timeout=0${since === undefined ? '' : `&since=${since}`}`);
    const events: { content: { n: number } }[] = body.to_device?.events ?? [];
    return { numbers: events.map(({ content }) => content.n), next: body.next_batch };
  };

  it('come again until the client comes back with what it was given', async () => {
    const { next: start } = await sync();
    await send(1, 2);
    const first = await sync(start);
    assert.deepEqual(first.numbers, [1, 2]);
    assert.deepEqual((await sync(start)).numbers, [1, 2]);
    await server.restart();
    await send(3);
    const again = await sync(start);
    assert.deepEqual(again.numbers, [1, 2, 3]);
    assert.deepEqual((await sync(first.next)).numbers, [3]);
    const last = await sync(again.next);
    assert.deepEqual(last.numbers, []);
    // Confirmed is gone, whatever is asked for.
    assert.deepEqual((await sync(start)).numbers, []);
    assert.deepEqual((await sync()).numbers, []);
  });

  it('come in portions, in order, none left out', async () => {
    const numbers = Array.from({ length: 25 }, (_, i) => i);
    await send(...numbers);
    const found: number[] = [];
    let since: string | undefined;
    for (let i = 0; i < 4; i++) {
      const body = await sync(since);
      assert.ok(body.numbers.length <= 10);
      found.push(...body.numbers);
      since = body.next;
    }
    assert.deepEqual(found, numbers);
  });

  it('come in portions at once, too, to a device that would wait', async () => {
    const { next } = await sync();
    await send(...Array.from({ length: 15 }, (_, i) => i));
    const found: number[] = [];
    for (let since = next; found.length < 15; ) {
      const { body } = await bob.ask('GET', `/v3/sync?timeout=30000&since=${since}`);
      found.push(...body.to_device.events.map((event: { content: { n: number } }) => event.content.n));
      since = body.next_batch;
    }
    assert.equal(found.at(-1), 14);
  });

  it('wake a device that waits', async () => {
    const { next } = await sync();
    const waiting = bob.ask('GET', `/v3/sync?timeout=30000&since=${next}`);
    await send(7);
    assert.equal((await waiting).body.to_device.events[0].content.n, 7);
  });

  it('are there for a first sync', async () => {
    await send(1);
    const first = await sync();
    assert.deepEqual(first.numbers, [1]);
    assert.deepEqual((await sync(first.next)).numbers, []);
  });
});
