import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import { RoomQueue } from '../../../src/services/timeline/room-queue.ts';

describe('RoomQueue', () => {
  it('gives turns one at a time, in the order in which they were asked for', async () => {
    const queue = new RoomQueue(100);
    const seen: string[] = [];
    await Promise.all(
      [1, 2, 3].map((n) =>
        queue.run('!a', async () => {
          seen.push(`${n} begins`);
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(`${n} ends`);
        }),
      ),
    );
    deepStrictEqual(seen, ['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
    strictEqual(queue.isBusy('!a'), false);
  });

  it('lets rooms go on beside each other', async () => {
    const queue = new RoomQueue(100);
    let letGo: () => void = () => undefined;
    const first = queue.run(
      '!a',
      () =>
        new Promise<void>((resolve) => {
          letGo = resolve;
        }),
    );
    strictEqual(await queue.run('!b', async ({ roomId }) => roomId), '!b');
    strictEqual(queue.isBusy('!a'), true);
    letGo();
    await first;
  });

  it('passes the turn on when somebody fails in it', async () => {
    const queue = new RoomQueue(100);
    const failing = queue.run('!a', async () => {
      throw new Error('no');
    });
    const next = queue.run('!a', async () => 'fine');
    await rejects(failing, /no/);
    strictEqual(await next, 'fine');
  });

  it('refuses with 503 when too many wait, and takes more when there is room again', async () => {
    const queue = new RoomQueue(2);
    let letGo: () => void = () => undefined;
    const running = queue.run(
      '!a',
      () =>
        new Promise<void>((resolve) => {
          letGo = resolve;
        }),
    );
    const waiting = [queue.run('!a', async () => 1), queue.run('!a', async () => 2)];
    await rejects(
      queue.run('!a', async () => 3),
      (error) => error instanceof MatrixError && error.status === 503 && error.errcode === 'M_UNKNOWN',
    );
    letGo();
    await running;
    deepStrictEqual(await Promise.all(waiting), [1, 2]);
    strictEqual(await queue.run('!a', async () => 4), 4);
  });
});
