import { deepStrictEqual, rejects } from 'node:assert/strict';
import { NoticeBoard } from '../../../src/services/events.ts';
import { PushSender, type PushSenderParts } from '../../../src/services/push/push-sender.ts';
import { TestClock } from '../../support/test-clock.ts';

describe('Those who are told of news by push gateways', () => {
  it('are looked for again in a room that could not be read', async () => {
    const notices = new NoticeBoard();
    let isBroken = true;
    const served: string[] = [];
    const sender = new PushSender({
      ...{ notices, clock: new TestClock(), storage: { head: 1 } },
      rooms: {
        async get() {
          if (isBroken) throw new Error('busy');
          return { joinedMembers: () => new Set(['@alice:a.example']) };
        },
      },
      pushers: {
        isEmpty: false,
        among: (users: Set<string>) => users,
        async of(userId: string) {
          served.push(userId);
          return [];
        },
      },
      settings: { concurrency: 1 },
    } as unknown as PushSenderParts);
    notices.publish('timeline', { roomId: '!r', roomNid: 1, eventNid: 1, position: 1 });
    await rejects(sender.run(), /busy/);
    isBroken = false;
    await sender.run();
    await sender.idle();
    deepStrictEqual(served, ['@alice:a.example']);
  });
});
