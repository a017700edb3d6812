import type { Migration } from '../src/storage/migration.ts';

/** The log, rooms, events and their state, receipts, idempotency. */
export const foundation: Migration = {
  name: '0001-foundation',
  up({ table, index }) {
    // One row for each committed batch: the greatest stream position in it. Its maximum is the committed head.
    // The ticket names the attempt, so that one whose answer was lost can be found.
    table('commit_log', { last_position: 'int', ticket: 'int' }, ['last_position']);

    table('rooms', { room_nid: 'int', room_id: 'text', version: 'text', is_public: 'int', created_at: 'int' }, [
      'room_nid',
    ]);
    index('rooms_by_id', 'rooms', ['room_id'], { unique: true });
    index('rooms_public', 'rooms', ['is_public'], { where: 'is_public = 1' });

    table(
      'events',
      {
        event_nid: 'int',
        event_id: 'text',
        room_nid: 'int',
        type: 'text',
        state_key: 'text?',
        sender: 'text',
        origin_server_ts: 'int',
        depth: 'int',
        // 0 timeline, 1 outlier, 2 rejected, 3 soft-failed, 4 backfilled
        kind: 'int',
        stream_position: 'int?',
        // Page order within the room; for an event of the live timeline the index is its stream position.
        chunk: 'int',
        chunk_index: 'int?',
        // The state after the event and, where that differs, before it.
        state_layer: 'int?',
        state_before: 'int?',
        thread_root: 'text?',
        // Under the default rules: 0 silent, 1 notifies, 2 highlights for everybody.
        notify: 'int',
        // How many events of the main timeline have notified up to and with this one.
        notify_main: 'int',
        redacted_by: 'text?',
        // What clients see in `unsigned`, the same for everybody: members of a JSON object, without braces.
        unsigned: 'text?',
        json: 'text',
      },
      ['event_nid'],
    );
    index('events_by_id', 'events', ['event_id'], { unique: true });
    index('events_by_position', 'events', ['room_nid', 'stream_position'], { where: 'stream_position is not null' });
    index('events_by_page', 'events', ['room_nid', 'chunk', 'chunk_index']);
    index('events_by_thread', 'events', ['room_nid', 'thread_root', 'stream_position'], {
      where: 'thread_root is not null',
    });

    table('event_relations', { room_nid: 'int', relates_to: 'text', rel_type: 'text', event_nid: 'int' }, [
      'room_nid',
      'relates_to',
      'rel_type',
      'event_nid',
    ]);
    table('forward_extremities', { room_nid: 'int', event_nid: 'int' }, ['room_nid', 'event_nid']);

    // State keys are numbered within their room; layers and current state hold the numbers.
    table('state_keys', { room_nid: 'int', key_nid: 'int', type: 'text', state_key: 'text' }, ['room_nid', 'key_nid']);
    table(
      'state_layers',
      { layer_nid: 'int', room_nid: 'int', parent: 'int?', depth: 'int', size: 'int', diff: 'bytes' },
      ['layer_nid'],
    );
    table('current_state', { room_nid: 'int', key_nid: 'int', event_nid: 'int' }, ['room_nid', 'key_nid']);
    table(
      'current_state_deltas',
      { room_nid: 'int', position: 'int', key_nid: 'int', old_event_nid: 'int?', new_event_nid: 'int?' },
      ['room_nid', 'position', 'key_nid'],
    );
    table(
      'memberships',
      {
        user_id: 'text',
        room_nid: 'int',
        membership: 'text',
        event_nid: 'int',
        position: 'int',
        forgotten: 'int',
        // What an invited or knocking user may see of a room: stripped state as JSON.
        stripped_state: 'text?',
      },
      ['user_id', 'room_nid'],
    );

    // One row for each user that a message mentions, or whose own rules make it notify.
    table(
      'event_notifications',
      { user_id: 'text', room_nid: 'int', position: 'int', thread_root: 'text?', notify: 'int', highlight: 'int' },
      ['user_id', 'room_nid', 'position'],
    );
    table(
      'receipts',
      {
        room_nid: 'int',
        user_id: 'text',
        receipt_type: 'text',
        // '' for an unthreaded receipt.
        thread_id: 'text',
        event_id: 'text',
        event_position: 'int',
        ts: 'int',
        position: 'int',
      },
      ['room_nid', 'user_id', 'receipt_type', 'thread_id'],
    );
    index('receipts_by_position', 'receipts', ['room_nid', 'position']);

    // Idempotency: the key is a hash of user, device, operation, path parameters and transaction id.
    table(
      'transactions',
      {
        transaction_key: 'bytes',
        device_id: 'text',
        txn_id: 'text',
        event_nid: 'int?',
        response: 'text?',
        created_at: 'int',
      },
      ['transaction_key'],
    );
    index('transactions_by_event', 'transactions', ['event_nid'], { where: 'event_nid is not null' });
    index('transactions_by_age', 'transactions', ['created_at']);
  },
};
