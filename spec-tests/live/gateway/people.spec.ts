import assert from 'node:assert/strict';
import { People, type PersonalSession } from '../../../src/live/api/gateway/people.ts';
import { CLOSE } from '../../../src/live/hub/sockets/close-codes.ts';

describe('the sessions of a channel that moves to another room', () => {
  it('begin anew, and one for which that does not work comes back by itself', async () => {
    const people = new People();
    const done: string[] = [];
    const session = (name: string, resubscribe: () => Promise<void>): PersonalSession => ({
      ...{ userId: undefined, deviceId: undefined, watches: () => true, tell: () => undefined },
      shut: (code) => void done.push(`${name} ${code}`),
      recheck: () => Promise.resolve(),
      resubscribe,
    });
    people.add(session('first', () => Promise.reject(new Error('the order is out of reach'))));
    people.add(session('second', async () => void done.push('second')));
    await assert.rejects(people.resubscribe('kai'), AggregateError);
    assert.deepEqual(done, [`first ${CLOSE.internal}`, 'second']);
  });
});
