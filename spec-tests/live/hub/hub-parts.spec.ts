import assert from 'node:assert/strict';
import { Aggregates, mergedAggregates } from '../../../src/live/hub/aggregates.ts';
import { chooseShown, DisplayAllowance, type SamplingRank } from '../../../src/live/hub/sampling.ts';
import { tickPeriod } from '../../../src/live/hub/tick-period.ts';
import { Turnover } from '../../../src/live/hub/turnover.ts';
import { TestClock } from '../../support/test-clock.ts';
import { seededRandom } from './seeded-random.ts';

describe('the period of ticks', () => {
  const limits = { minMs: 250, maxMs: 1000, writeCostUs: 8.5, budget: 0.5 };
  for (const [viewers, ms] of [
    [0, 250],
    [10_000, 250],
    [30_000, 510],
    [58_000, 986],
    [100_000, 1000],
  ] as const) {
    it(`is ${ms} ms for ${viewers} viewers`, () => assert.equal(tickPeriod(viewers, limits), ms));
  }
  it('is longer while so many come that letting them in takes all there is', () => {
    assert.equal(tickPeriod(10_000, limits, 1000), 250);
    assert.equal(tickPeriod(10_000, limits, 3000), 425);
    assert.equal(tickPeriod(10_000, limits, 5000), 1000);
    const clock = new TestClock(1_000_000);
    const turnover = new Turnover(clock);
    for (let n = 0; n < 100; n++) turnover.note();
    assert.equal(turnover.perSecond, 400);
    clock.advance(300);
    assert.equal(turnover.perSecond, 400);
    assert.equal(turnover.turnsBetween, 150);
    clock.advance(300);
    assert.equal(turnover.perSecond, 0);
    assert.equal(turnover.turnsBetween, 1);
  });

  it('is none where every message is to have its own frame', () => {
    assert.equal(tickPeriod(50_000, { ...limits, minMs: 0 }), 0);
  });
});

describe('sampling', () => {
  const ranks = (text: string) => [...text].map((rank) => Number(rank) as SamplingRank);

  it('shows everything while there is room', () => {
    assert.deepEqual(chooseShown(ranks('3210'), 4, seededRandom(1)), [0, 1, 2, 3]);
  });

  it('shows all of streamer and moderators, and then who matters most', () => {
    assert.deepEqual(chooseShown(ranks('3213010'), 4, seededRandom(1)), [2, 4, 5, 6]);
    assert.deepEqual(chooseShown(ranks('000'), 1, seededRandom(1)), [0, 1, 2]);
  });

  it('gives each of the others the same chance', () => {
    const random = seededRandom(7);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let round = 0; round < 5000; round++) {
      for (const index of chooseShown(ranks('3333333333'), 3, random)) counts[index]! += 1;
    }
    for (const count of counts) assert.ok(count > 1350 && count < 1650, String(counts));
  });

  it('shows so many a second on the average, and a second of them at once', () => {
    const allowance = new DisplayAllowance();
    assert.equal(allowance.available(20, 0), 20);
    allowance.use(20);
    assert.equal(allowance.available(20, 0), 0);
    assert.equal(allowance.available(20, 250), 5);
    allowance.use(5);
    assert.equal(allowance.available(20, 60_000), 20);
    assert.equal(allowance.available(20, 1000), 20);
    assert.equal(allowance.available(5, 1000), 5);
  });
});

describe('aggregates', () => {
  const limits = { viewersMs: 5000, viewersShare: 0.01, reactionsMs: 500, maxKeys: 3 };

  it('tell the first viewer and the last at once, and others every five seconds if they make a difference', () => {
    const aggregates = new Aggregates(limits);
    assert.equal(aggregates.take(0), undefined);
    aggregates.setViewers(1000);
    assert.equal(aggregates.take(0), '{"v":1000}');
    aggregates.setViewers(1009);
    assert.equal(aggregates.dueAt(), undefined);
    aggregates.setViewers(1010);
    assert.equal(aggregates.take(4999), undefined);
    assert.equal(aggregates.dueAt(), 5000);
    assert.equal(aggregates.take(5000), '{"v":1010}');
    aggregates.setViewers(0);
    assert.equal(aggregates.take(5001), '{"v":0}');
  });
  it('rounds numbers of viewers above a thousand: who comes and goes is nobody’s business', () => {
    const aggregates = new Aggregates(limits);
    aggregates.setViewers(12_873);
    assert.equal(aggregates.current(), '{"v":12900}');
    aggregates.setViewers(12_899);
    assert.equal(aggregates.current(), '{"v":12900}');
    aggregates.setViewers(999);
    assert.equal(aggregates.current(), '{"v":999}');
  });

  it('sum reactions for half a second', () => {
    const aggregates = new Aggregates(limits);
    aggregates.react('🔥', 2);
    assert.equal(aggregates.take(0), '{"rx":{"🔥":2}}');
    aggregates.react('🔥', 3);
    aggregates.react('❤', 1);
    aggregates.react('🔥', 4);
    assert.equal(aggregates.take(499), undefined);
    assert.equal(aggregates.dueAt(), 500);
    assert.equal(aggregates.take(500), '{"rx":{"🔥":7,"❤":1}}');
    assert.equal(aggregates.dueAt(), undefined);
  });

  it('count no more kinds than they may', () => {
    const aggregates = new Aggregates(limits);
    for (const key of ['a', 'b', 'c', 'd', '__proto__', 'a']) aggregates.react(key, 1);
    assert.equal(aggregates.take(0), '{"rx":{"a":2,"b":1,"c":1}}');
  });

  it('can be told together', () => {
    const [first, second] = [
      '{"v":1,"rx":{"🔥":2,"__proto__":1},"pl":{"p1":[1,0]}}',
      '{"rx":{"❤":1,"🔥":3},"pl":{"p1":[2,0]}}',
    ];
    assert.equal(mergedAggregates([]), undefined);
    assert.equal(mergedAggregates([first]), first);
    const both = '{"v":1,"rx":{"🔥":5,"__proto__":1,"❤":1},"pl":{"p1":[2,0]}}';
    assert.equal(mergedAggregates([first, second]), both);
  });

  it('tell the latest tally, and all tallies to whoever comes', () => {
    const aggregates = new Aggregates(limits);
    aggregates.setTally('p1', [1, 0]);
    aggregates.setTally('p1', [2, 1]);
    assert.equal(aggregates.take(0), '{"pl":{"p1":[2,1]}}');
    assert.equal(aggregates.take(9999), undefined);
    assert.equal(aggregates.current(), '{"v":0,"pl":{"p1":[2,1]}}');
    aggregates.dropTally('p1');
    assert.equal(aggregates.current(), '{"v":0}');
  });
});
