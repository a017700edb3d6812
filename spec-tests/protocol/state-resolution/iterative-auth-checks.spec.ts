import assert from 'node:assert/strict';
import { iterativeAuthChecks } from '../../../src/protocol/state-resolution/iterative-auth-checks.ts';
import { stateMapKey } from '../../../src/protocol/state-resolution/state-map.ts';
import { rulesOf } from '../authorization/room-state.ts';
import { type GraphEvent, graphEvents } from './graph-events.ts';

const ALICE = '@alice:a.test';
const TOPIC = stateMapKey('m.room.topic', '');
const MEMBER = stateMapKey('m.room.member', ALICE);
const EMPTY = new Map<string, string>();
const JOIN: GraphEvent = { type: 'm.room.member', stateKey: ALICE, content: { membership: 'join' }, auth: ['$create'] };

const graph: Record<string, GraphEvent> = {
  $create: { type: 'm.room.create', content: { creator: ALICE } },
  join: JOIN,
  leave: { ...JOIN, content: { membership: 'leave' }, auth: ['$create', 'join'] },
  topic: { auth: ['$create', 'join'] },
};

describe('iterative auth checks', () => {
  it('take from the auth events of an event what the state lacks', () => {
    assert.deepEqual(
      iterativeAuthChecks(rulesOf('11'), EMPTY, ['topic'], graphEvents(graph)),
      new Map([[TOPIC, 'topic']]),
    );
  });

  it('judge by the state where it has an entry, whatever the auth events say', () => {
    const state = new Map([[MEMBER, 'leave']]);
    assert.deepEqual(iterativeAuthChecks(rulesOf('11'), state, ['topic'], graphEvents(graph)), new Map());
  });

  it('judge each event by what the events before it made of the state', () => {
    const events = graphEvents(graph);
    const after = iterativeAuthChecks(rulesOf('11'), EMPTY, ['leave', 'topic'], events);
    assert.deepEqual(after, new Map([[MEMBER, 'leave']]));
    const before = iterativeAuthChecks(rulesOf('11'), EMPTY, ['topic', 'leave'], events);
    assert.deepEqual([...before.keys()], [TOPIC, MEMBER]);
  });

  it('take nothing from auth events that were rejected', () => {
    const events = graphEvents({ ...graph, join: { ...JOIN, rejected: true } });
    assert.deepEqual(iterativeAuthChecks(rulesOf('11'), EMPTY, ['topic'], events), new Map());
  });

  it('let an event that was rejected be judged anew', () => {
    const events = graphEvents({ ...graph, topic: { auth: ['$create', 'join'], rejected: true } });
    assert.deepEqual(iterativeAuthChecks(rulesOf('11'), EMPTY, ['topic'], events), new Map([[TOPIC, 'topic']]));
  });

  it('find the create event by the room id where auth events do not name it', () => {
    const events = graphEvents({ ...graph, join: { ...JOIN, auth: [] }, topic: { auth: ['join'] } }, '!create');
    assert.deepEqual(iterativeAuthChecks(rulesOf('12'), EMPTY, ['topic'], events), new Map([[TOPIC, 'topic']]));
  });

  it('stop at an event that was not gathered: that is a mistake of the server, not of the room', () => {
    assert.throws(
      () => iterativeAuthChecks(rulesOf('11'), EMPTY, ['other'], graphEvents(graph)),
      /other, which was not/,
    );
  });
});
