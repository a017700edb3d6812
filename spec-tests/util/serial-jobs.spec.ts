import assert from 'node:assert/strict';
import { SerialJobs } from '../../src/util/serial-jobs.ts';

/** Jobs that end when the test says so. */
function heldJobs() {
  const begun: string[] = [];
  const failed: [string, unknown][] = [];
  const ends: ((error?: Error) => void)[] = [];
  const stopSeen: boolean[] = [];
  const jobs = new SerialJobs<string>({
    run: (key, isStopped) => {
      begun.push(key);
      return new Promise<void>((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()));
      }).finally(() => stopSeen.push(isStopped()));
    },
    onFailure: (error, key) => failed.push([key, error]),
  });
  /** Ends the job that runs, and lets the next one begin. */
  const end = async (error?: Error): Promise<void> => {
    ends.shift()?.(error);
    await turn();
  };
  return { jobs, begun, failed, stopSeen, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Jobs in the background by key', () => {
  it('run one after the other, in the order in which they were added', async () => {
    const { jobs, begun, end } = heldJobs();
    for (const key of ['a', 'b', 'c']) jobs.add(key);
    await turn();
    assert.deepEqual(begun, ['a']);
    await end();
    assert.deepEqual(begun, ['a', 'b']);
    await end();
    await end();
    await jobs.settled();
    assert.deepEqual(begun, ['a', 'b', 'c']);
  });

  it('do not begin before the code that added them is through', async () => {
    const { jobs, begun, end } = heldJobs();
    jobs.add('a');
    assert.deepEqual(begun, []);
    await turn();
    await end();
    await jobs.settled();
  });

  it('run once for what is added again while it waits, and again for what is added while it runs', async () => {
    const { jobs, begun, end } = heldJobs();
    jobs.add('a');
    jobs.add('b');
    jobs.add('b');
    await turn();
    jobs.add('a');
    for (let i = 0; i < 3; i++) await end();
    await jobs.settled();
    assert.deepEqual(begun, ['a', 'b', 'a']);
  });

  it('go on when one has failed, and tell which', async () => {
    const { jobs, begun, failed, end } = heldJobs();
    jobs.add('a');
    jobs.add('b');
    await turn();
    const error = new Error('no');
    await end(error);
    await end();
    await jobs.settled();
    assert.deepEqual(begun, ['a', 'b']);
    assert.deepEqual(failed, [['a', error]]);
  });

  it('are not forgotten when they are added in the moment in which the last one ends', async () => {
    const begun: string[] = [];
    const jobs = new SerialJobs<string>({ run: async (key) => void begun.push(key), onFailure: assert.ifError });
    for (let late = 0; late < 8; late++) {
      jobs.add('first');
      for (let i = 0; i < late; i++) await undefined;
      jobs.add(`late by ${late}`);
      await jobs.settled();
      assert.equal(begun.at(-1), `late by ${late}`);
    }
  });

  it('begin no more once they are stopped, which waits for the one that runs and lets it know', async () => {
    const { jobs, begun, stopSeen, end } = heldJobs();
    jobs.add('a');
    jobs.add('b');
    await turn();
    const stopped = jobs.stop();
    await end();
    await stopped;
    jobs.add('c');
    await jobs.settled();
    assert.deepEqual(begun, ['a']);
    assert.deepEqual(stopSeen, [true]);
  });
});
