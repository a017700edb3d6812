import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { clientEventJson } from '../../../src/services/timeline/client-event-json.ts';
import { StoredEvent } from '../../../src/services/timeline/stored-event.ts';
import type { EventRow } from '../../../src/storage/contract/events.ts';

function row(pdu: object, changes: Partial<EventRow> = {}): EventRow {
  return {
    event_nid: 1,
    event_id: '$event',
    room_nid: 1,
    type: 'm.room.message',
    state_key: null,
    sender: '@alice:test',
    origin_server_ts: 1_000,
    depth: 1,
    kind: 0,
    stream_position: 5,
    chunk: 0,
    chunk_index: 5,
    state_layer: 1,
    state_before: null,
    thread_root: null,
    notify: 0,
    notify_main: 0,
    redacted_by: null,
    unsigned: null,
    json: JSON.stringify({ content: { body: 'hello' }, ...pdu }),
    ...changes,
  };
}

const event = (pdu: object = {}, changes: Partial<EventRow> = {}) => StoredEvent.fromRow(row(pdu, changes), '!room');
const viewer = { now: 3_500, userId: '@alice:test', deviceId: 'PHONE' };

describe('clientEventJson', () => {
  it('has what the specification says of an event, and its age', () => {
    deepStrictEqual(JSON.parse(clientEventJson(event(), viewer)), {
      content: { body: 'hello' },
      event_id: '$event',
      origin_server_ts: 1_000,
      room_id: '!room',
      sender: '@alice:test',
      type: 'm.room.message',
      unsigned: { age: 2_500 },
    });
  });

  it('never says that an event is younger than now', () => {
    strictEqual(JSON.parse(clientEventJson(event(), { ...viewer, now: 1 })).unsigned.age, 0);
  });

  it('gives the transaction id to the device that sent the event alone', () => {
    const own = event();
    own.transaction = { userId: '@alice:test', deviceId: 'PHONE', txnId: 'm1' };
    const seenBy = (who: object) => JSON.parse(clientEventJson(own, { ...viewer, ...who })).unsigned.transaction_id;
    strictEqual(seenBy({}), 'm1');
    strictEqual(seenBy({ deviceId: 'LAPTOP' }), undefined);
    strictEqual(seenBy({ userId: '@bob:test' }), undefined);
    strictEqual(seenBy({ deviceId: undefined }), undefined);
  });

  it('adds the membership, bundled relations and what everybody sees in unsigned', () => {
    const replaced = event({}, { state_key: '', type: 'm.room.topic', unsigned: '"replaces_state":"$before"' });
    const seen = JSON.parse(
      clientEventJson(replaced, { ...viewer, membership: 'join', bundle: '"m.thread":{"count":2}' }),
    );
    strictEqual(seen.state_key, '');
    deepStrictEqual(seen.unsigned, {
      age: 2_500,
      replaces_state: '$before',
      membership: 'join',
      'm.relations': { 'm.thread': { count: 2 } },
    });
  });

  it('shows what a redaction redacts beside its content, wherever its room version puts it', () => {
    const redaction = event({ content: { redacts: '$other' } }, { type: 'm.room.redaction' });
    strictEqual(JSON.parse(clientEventJson(redaction, viewer)).redacts, '$other');
  });
});
