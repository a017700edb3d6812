import assert from 'node:assert/strict';
import { MatrixError } from '../../../src/protocol/errors.ts';
import { parseFilter, parseRoomEventFilter } from '../../../src/protocol/filters/parse-filter.ts';
import type { JsonValue } from '../../../src/protocol/json.ts';

const EXAMPLE = {
  room: {
    rooms: ['!726s6s6q:example.com'],
    include_leave: true,
    state: { types: ['m.room.*'], not_rooms: ['!726s6s6q:example.com'], lazy_load_members: true },
    timeline: { limit: 10, types: ['m.room.message'], not_senders: ['@spam:example.com'], contains_url: false },
    ephemeral: { types: ['m.receipt', 'm.typing'] },
    account_data: { limit: 0 },
  },
  presence: { types: ['m.presence'], not_senders: ['@alice:example.com'] },
  account_data: { senders: ['@alice:example.com'] },
  event_format: 'client',
  event_fields: ['type', 'content', 'sender'],
};

const WRONG: [JsonValue | undefined, string][] = [
  [undefined, 'filter is not an object'],
  [[], 'filter is not an object'],
  [{ event_fields: 'type' }, 'filter.event_fields is not a list of strings'],
  [{ event_format: 'other' }, 'filter.event_format is not client or federation'],
  [{ presence: 'all' }, 'filter.presence is not an object'],
  [{ presence: null }, 'filter.presence is not an object'],
  [{ presence: { types: [1] } }, 'filter.presence.types is not a list of strings'],
  [{ account_data: { limit: 1.5 } }, 'filter.account_data.limit is not an integer of 0 or more'],
  [{ account_data: { limit: -1 } }, 'filter.account_data.limit is not an integer of 0 or more'],
  [{ room: { include_leave: 'yes' } }, 'filter.room.include_leave is not a boolean'],
  [{ room: { rooms: ['room'] } }, 'filter.room.rooms is not a list of room ids'],
  [{ room: { timeline: { not_senders: ['alice'] } } }, 'filter.room.timeline.not_senders is not a list of user ids'],
  [{ room: { state: { lazy_load_members: 1 } } }, 'filter.room.state.lazy_load_members is not a boolean'],
];

describe('parsing of filters', () => {
  it('keeps what the specification knows', () => assert.deepEqual(parseFilter(EXAMPLE), EXAMPLE));

  it('leaves out what nobody knows', () => {
    assert.deepEqual(parseFilter({ unknown: 1, room: { other: true } }), { room: {} });
  });

  it('reads the filter of single rooms with what relates to events', () => {
    const filter = {
      related_by_senders: ['@a:b.test'],
      related_by_rel_types: ['m.thread'],
      unread_thread_notifications: true,
    };
    assert.deepEqual(parseRoomEventFilter(filter), filter);
  });

  for (const [json, text] of WRONG) {
    it(`refuses ${JSON.stringify(json)}`, () => {
      const error = parseFilter(json);
      assert.ok(error instanceof MatrixError);
      assert.deepEqual([error.status, error.errcode, error.message], [400, 'M_BAD_JSON', text]);
    });
  }
});
