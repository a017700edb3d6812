import assert from 'node:assert/strict';
import { forbidden } from '../../../src/protocol/errors.ts';
import {
  Admission,
  ALLOWED,
  type Candidate,
  refused,
  type Verdict,
} from '../../../src/services/admission/admission.ts';
import { TestClock } from '../../support/test-clock.ts';
import { ALICE, TestTimeline } from '../timeline/support/test-timeline.ts';

const CANDIDATE: Candidate = {
  entrance: 'client',
  roomId: '!a:test.example',
  type: 'm.room.message',
  sender: ALICE,
  content: {},
};

describe('Admission', () => {
  it('lets everything in while there is no gate', async () => {
    const admission = new Admission(new TestClock());
    assert.equal(admission.isOpen, true);
    await admission.admit(CANDIDATE);
  });

  it('asks the gates in order, until one does not allow the event', async () => {
    const admission = new Admission(new TestClock());
    const asked: string[] = [];
    const gate = (name: string, verdict: Verdict) =>
      admission.register({
        name,
        judge() {
          asked.push(name);
          return verdict;
        },
      });
    gate('first', ALLOWED);
    gate('second', refused('no'));
    gate('third', ALLOWED);
    await assert.rejects(admission.admit(CANDIDATE), { errcode: 'M_FORBIDDEN', message: 'no' });
    assert.deepEqual(asked, ['first', 'second']);
  });

  it('gives the event the content that a gate wants it to have, and shows it to the gates behind', async () => {
    const admission = new Admission(new TestClock());
    assert.deepEqual(await admission.admit({ ...CANDIDATE, content: { body: 'as sent' } }), { body: 'as sent' });
    const seen: unknown[] = [];
    admission.register({ name: 'stamp', judge: () => ({ verdict: 'allow', content: { body: 'stamped' } }) });
    admission.register({
      name: 'behind',
      judge({ content }) {
        seen.push(content);
        return ALLOWED;
      },
    });
    assert.deepEqual(await admission.admit(CANDIDATE), { body: 'stamped' });
    assert.deepEqual(seen, [{ body: 'stamped' }]);
  });

  it('tells who sent it that an event is held back', async () => {
    const admission = new Admission(new TestClock());
    admission.register({ name: 'hold', judge: () => ({ verdict: 'hold', error: forbidden('held') }) });
    await assert.rejects(admission.admit(CANDIDATE), { message: 'held' });
  });

  it('lets a delayed event in when its time has come, unless it is called back', async () => {
    const clock = new TestClock();
    const admission = new Admission(clock);
    let isCalledBack = false;
    const again = () => (isCalledBack ? refused('deleted') : ALLOWED);
    admission.register({ name: 'delay', judge: async () => ({ verdict: 'delay', ms: 1_000, again }) });
    let isIn = false;
    const first = admission.admit(CANDIDATE).then(() => {
      isIn = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isIn, false);
    clock.advance(1);
    await first;
    const second = admission.admit(CANDIDATE);
    await new Promise((resolve) => setImmediate(resolve));
    isCalledBack = true;
    clock.advance(1_000);
    await assert.rejects(second, { message: 'deleted' });
  });

  it('asks the gates behind one that delays an event, and keeps what those before it made of it', async () => {
    const clock = new TestClock();
    const admission = new Admission(clock);
    const seen: unknown[] = [];
    admission.register({ name: 'mild', judge: () => ({ verdict: 'allow', content: { body: 'm***' } }) });
    admission.register({ name: 'slow', judge: () => ({ verdict: 'delay', ms: 1_000 }) });
    admission.register({
      name: 'last',
      judge({ content }) {
        seen.push(content);
        return ALLOWED;
      },
    });
    const admitted = admission.admit(CANDIDATE);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    assert.deepEqual([await admitted, seen], [{ body: 'm***' }, [{ body: 'm***' }]]);
  });
});

describe('a gate', () => {
  let test: TestTimeline;
  before(async () => {
    test = await TestTimeline.start();
  });
  after(() => test.stop());

  it('has a say before an event is made, by whatever way it comes', async () => {
    const { id: roomId } = await test.room();
    const seen: Candidate[] = [];
    test.admission.register({
      name: 'test',
      judge(candidate) {
        seen.push(candidate);
        return candidate.content['body'] === 'spam' || candidate.type === 'm.room.topic' ? refused() : ALLOWED;
      },
    });
    await test.say(roomId, 'hello');
    await assert.rejects(test.say(roomId, 'spam'), { errcode: 'M_FORBIDDEN' });
    const topic = { type: 'm.room.topic', sender: ALICE, stateKey: '', content: { topic: 'spam' } };
    await assert.rejects(
      test.timeline.change(roomId, (turn, room) => test.timeline.append(turn, room, [topic])),
      { errcode: 'M_FORBIDDEN' },
    );
    const room = (await test.rooms.get(roomId))!;
    assert.equal(room.get('m.room.topic', ''), undefined);
    assert.equal(room.recent.at(-1)?.content['body'], 'hello');
    assert.deepEqual(
      seen.map(({ entrance, type, sender }) => [entrance, type, sender]),
      [
        ['client', 'm.room.message', ALICE],
        ['client', 'm.room.message', ALICE],
        ['client', 'm.room.topic', ALICE],
      ],
    );
  });
});
