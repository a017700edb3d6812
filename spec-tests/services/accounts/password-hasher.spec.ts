import assert from 'node:assert/strict';
import { PasswordHasher } from '../../../src/services/accounts/password-hasher.ts';

const cheap = { memory: 8192, passes: 1, parallelism: 1, concurrency: 1, queue: 2 };

describe('PasswordHasher', () => {
  it('makes argon2id hashes that only the same password fits', async () => {
    const hasher = new PasswordHasher(cheap);
    const phc = await hasher.hash('secret');
    assert.match(phc, /^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    assert.equal(await hasher.verify('secret', phc), true);
    assert.equal(await hasher.verify('Secret', phc), false);
    assert.notEqual(await hasher.hash('secret'), phc);
  });

  it('compares with a hash even where there is none, and is false', async () => {
    const hasher = new PasswordHasher(cheap);
    for (const nothing of [undefined, null]) assert.equal(await hasher.verify('nobody', nothing), false);
  });

  it('knows hashes that were made with other parameters', async () => {
    const phc = await new PasswordHasher(cheap).hash('secret');
    assert.equal(new PasswordHasher(cheap).isOutdated(phc), false);
    assert.equal(new PasswordHasher({ ...cheap, passes: 2 }).isOutdated(phc), true);
    assert.equal(new PasswordHasher({ ...cheap, memory: 16_384 }).isOutdated(phc), true);
  });

  it('lets a bounded number wait, and refuses more with the time to try again', async () => {
    const hasher = new PasswordHasher(cheap);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('secret')));
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
    );
    const refused = outcomes[4] as PromiseRejectedResult;
    assert.equal(refused.reason.errcode, 'M_LIMIT_EXCEEDED');
    assert.equal(await hasher.verify('secret', await hasher.hash('secret')), true);
  });
});
