import assert from 'node:assert/strict';
import { PasswordHasher } from '../../../src/services/accounts/password-hasher.ts';
import { WriteSet } from '../../../src/storage/contract/write-set.ts';
import { startTestHomeserver } from '../../support/test-homeserver.ts';

describe('Passwords', () => {
  it('renew a hash at the next login after the parameters were changed', async () => {
    const server = await startTestHomeserver();
    try {
      await server.register('alice');
      const { storage, passwords } = server.homeserver.services;
      const hash = async () => (await storage.read((tx) => tx.accounts.user('@alice:test.example')))?.password_hash;
      const old = new PasswordHasher({ memory: 16_384, passes: 2, parallelism: 1, concurrency: 1, queue: 1 });
      const password_hash = await old.hash('the old one');
      await storage.commit(new WriteSet().add('users.setPassword', { user_id: '@alice:test.example', password_hash }));
      assert.equal(await passwords.isRight('@alice:test.example', 'wrong'), false);
      assert.equal(await hash(), password_hash);
      assert.equal(await passwords.isRight('@alice:test.example', 'the old one'), true);
      assert.match((await hash()) ?? '', /m=8,t=1,p=1/);
      assert.equal(await passwords.isRight('@alice:test.example', 'the old one'), true);
    } finally {
      await server.stop();
    }
  });
});
