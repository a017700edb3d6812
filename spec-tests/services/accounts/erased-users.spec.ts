import { deepStrictEqual } from 'node:assert/strict';
import { ErasedUsers } from '../../../src/services/accounts/erased-users.ts';
import { NoticeBoard } from '../../../src/services/events.ts';
import type { Storage } from '../../../src/storage/contract/storage.ts';

const ALICE = '@alice:a.example';

/** Storage that is asked who was erased; `during` is called while it reads. */
function storageWith(erased: () => boolean, during: () => void): Storage {
  const accounts = {
    hasErased: async () => erased(),
    erasedAmong: async () => (erased() ? [{ user_id: ALICE, erased_position: 7 }] : []),
  };
  return {
    async read(fn: (tx: object) => Promise<unknown>) {
      const found = await fn({ accounts });
      during();
      return found;
    },
  } as unknown as Storage;
}

describe('Erased users', () => {
  it('are known who were erased while it was being read who is', async () => {
    for (const isAnybody of [false, true]) {
      const notices = new NoticeBoard();
      let isErased = false;
      const users: ErasedUsers = new ErasedUsers(
        storageWith(
          () => isErased,
          () => {
            if (isErased) return;
            isErased = true;
            notices.publish('accountDeactivated', { userId: ALICE, erase: true });
          },
        ),
        notices,
        () => true,
        { users: 10 },
      );
      if (isAnybody) notices.publish('accountDeactivated', { userId: '@bob:a.example', erase: true });
      await users.among([ALICE]);
      deepStrictEqual(await users.among([ALICE]), new Map([[ALICE, 7]]));
    }
  });

  it('are looked for again when storage could not be read', async () => {
    let isBroken = true;
    const storage = storageWith(
      () => true,
      () => {
        if (isBroken) throw new Error('busy');
      },
    );
    const users = new ErasedUsers(storage, new NoticeBoard(), () => true, { users: 10 });
    await users.among([ALICE]).catch(() => undefined);
    isBroken = false;
    deepStrictEqual(await users.among([ALICE]), new Map([[ALICE, 7]]));
  });
});
