import type { Migration } from '../src/storage/migration.ts';

/** Device lists across servers, and what came in from others and is not done with. */
export const deviceListsOfOthers: Migration = {
  name: '0010-device-lists-of-others',
  up({ table, index }) {
    // The number of the last change of a local user's devices that other servers were told of.
    table('device_list_streams', { user_id: 'text', stream_id: 'int' }, ['user_id']);

    // Devices of users of other servers who share rooms with local ones. A list with `due_at` is to be asked for anew
    // from then on. `master_key` and `self_signing_key` are JSON.
    table(
      'remote_device_lists',
      {
        user_id: 'text',
        stream_id: 'int',
        due_at: 'int?',
        attempts: 'int',
        master_key: 'text?',
        self_signing_key: 'text?',
      },
      ['user_id'],
    );
    index('remote_device_lists_due', 'remote_device_lists', ['due_at'], { where: 'due_at is not null' });
    // `keys` is the JSON of the device's keys, if it has some.
    table('remote_devices', { user_id: 'text', device_id: 'text', display_name: 'text?', keys: 'text?' }, [
      'user_id',
      'device_id',
    ]);

    // Messages to devices that have come in, so that none arrives twice.
    table('received_messages', { origin: 'text', message_id: 'text', received_at: 'int' }, ['origin', 'message_id']);
    index('received_messages_by_age', 'received_messages', ['received_at']);

    // Events that were taken in and are to be checked later, in the order of their positions.
    table('staged_pdus', { position: 'int', ordinal: 'int', room_id: 'text', origin: 'text', json: 'text' }, [
      'position',
      'ordinal',
    ]);
    index('staged_pdus_by_room', 'staged_pdus', ['room_id', 'position', 'ordinal']);
    index('staged_pdus_by_origin', 'staged_pdus', ['origin']);
  },
};
