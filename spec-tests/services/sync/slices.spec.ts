import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { Slices } from '../../../src/services/sync/slices.ts';
import { TestClock } from '../../support/test-clock.ts';

describe('Slices', () => {
  it('let a short computation go on at once', () => {
    const clock = new TestClock();
    const sliceEnd = new Slices(clock).begin();
    clock.advance(4);
    strictEqual(sliceEnd(), undefined);
  });

  it('let others have their turn when a computation is long', async () => {
    const clock = new TestClock();
    const sliceEnd = new Slices(clock).begin();
    const done: string[] = [];
    const other = turnOfLoop().then(() => done.push('other'));
    for (let i = 0; i < 2; i++) {
      clock.advance(5);
      await sliceEnd();
    }
    done.push('computation');
    await other;
    deepStrictEqual(done, ['other', 'computation']);
  });

  it('give one computation a slice in each turn of the event loop, one after the other', async () => {
    const clock = new TestClock();
    const slices = new Slices(clock);
    const done: string[] = [];
    const compute = async (name: string) => {
      const sliceEnd = slices.begin();
      for (let i = 1; i <= 3; i++) {
        clock.advance(5);
        await sliceEnd();
        done.push(`${name}${i}`);
      }
    };
    const turns = (async () => {
      for (let i = 0; i < 6; i++) {
        await turnOfLoop();
        done.push('|');
      }
    })();
    await Promise.all([compute('a'), compute('b'), turns]);
    const between = done.join('').split('|').filter(Boolean);
    deepStrictEqual(between, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  });
});
