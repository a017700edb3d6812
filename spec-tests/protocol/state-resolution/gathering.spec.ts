import assert from 'node:assert/strict';
import { Gathering } from '../../../src/protocol/state-resolution/gathering.ts';
import { stateMapKey } from '../../../src/protocol/state-resolution/state-map.ts';
import { rulesOf } from '../authorization/room-state.ts';
import { type GraphEvent, graphEvents } from './graph-events.ts';

const LENGTH = 200;

/** A room with many changes of power levels, and a topic on the newest. */
function roomOfManyLevels() {
  const graph: Record<string, GraphEvent> = {
    create: { type: 'm.room.create' },
    join: { type: 'm.room.member', stateKey: '@alice:a.test', content: { membership: 'join' }, auth: ['create'] },
    unrelated: { type: 'm.room.name', auth: ['create', 'join'] },
  };
  for (let i = 0; i < LENGTH; i++) {
    const before = i === 0 ? [] : [`levels${i - 1}`];
    graph[`levels${i}`] = { type: 'm.room.power_levels', auth: ['create', 'join', ...before] };
  }
  graph['topic'] = { auth: ['create', 'join', `levels${LENGTH - 1}`] };
  return graphEvents(graph);
}

function rounds(gathering: Gathering, database: ReturnType<typeof graphEvents>): number {
  let count = 0;
  for (; gathering.missing.size > 0; count++) {
    for (const id of [...gathering.missing]) {
      const event = database.get(id);
      assert.ok(event, `${id} is known`);
      gathering.add(event);
    }
  }
  return count;
}

describe('gathering for state resolution', () => {
  const conflict = { unconflicted: new Map<string, string>(), fullConflictedSet: new Set(['topic']) };

  it('asks for the conflict, its auth events and the power levels behind it, and nothing else', () => {
    const database = roomOfManyLevels();
    const gathering = new Gathering(rulesOf('11'), conflict);
    assert.deepEqual([...gathering.missing], ['topic']);
    rounds(gathering, database);
    assert.equal(gathering.size, database.size - 1);
    assert.equal(gathering.get('unrelated'), undefined);
  });

  it('takes few rounds when it has the power levels of the room from the start', () => {
    const database = roomOfManyLevels();
    const gathering = new Gathering(rulesOf('11'), conflict);
    for (const event of database.values()) if (event.pdu.type === 'm.room.power_levels') gathering.add(event);
    assert.ok(rounds(gathering, database) <= 3);
    assert.ok(rounds(new Gathering(rulesOf('11'), conflict), database) > LENGTH);
  });

  it('asks for unconflicted state that the checks read, unless they begin with an empty state', () => {
    const unconflicted = new Map([
      [stateMapKey('m.room.member', '@alice:a.test'), 'name'],
      [stateMapKey('m.room.name', ''), 'unrelated'],
    ]);
    const database = roomOfManyLevels();
    const topic = database.get('topic');
    assert.ok(topic);
    for (const [version, expected] of [
      ['1', true],
      ['11', true],
      ['12', false],
    ] as const) {
      const gathering = new Gathering(rulesOf(version), { ...conflict, unconflicted });
      gathering.add(topic);
      assert.equal(gathering.missing.has('name'), expected, `room version ${version}`);
      assert.equal(gathering.missing.has('unrelated'), false);
    }
  });

  it('asks for the create event that the room id implies', () => {
    const gathering = new Gathering(rulesOf('12'), conflict);
    const topic = graphEvents({ topic: {} }, '!hash').get('topic');
    assert.ok(topic);
    gathering.add(topic);
    assert.deepEqual([...gathering.missing], ['$hash']);
  });
});
