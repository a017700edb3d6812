import type { Migration } from '../src/storage/migration.ts';

/** Keys of devices and users, what waits for devices, changes of device lists, key backups. */
export const encryption: Migration = {
  name: '0003-encryption',
  up({ table, index }) {
    // `json` is the object as it was uploaded.
    table('device_keys', { user_id: 'text', device_id: 'text', json: 'text' }, ['user_id', 'device_id']);

    table(
      'one_time_keys',
      {
        user_id: 'text',
        device_id: 'text',
        algorithm: 'text',
        // The part of the key's id after the algorithm.
        key_id: 'text',
        // Which upload brought it, and its place there: keys are given out in this order.
        position: 'int',
        ordinal: 'int',
        // 1 once given out. It is remembered until the next upload, so that a repeated upload cannot bring it back.
        claimed: 'int',
        json: 'text',
      },
      ['user_id', 'device_id', 'algorithm', 'key_id'],
    );
    index('one_time_keys_by_age', 'one_time_keys', ['user_id', 'device_id', 'algorithm', 'position', 'ordinal'], {
      where: 'claimed = 0',
    });
    table(
      'fallback_keys',
      { user_id: 'text', device_id: 'text', algorithm: 'text', key_id: 'text', used: 'int', json: 'text' },
      ['user_id', 'device_id', 'algorithm'],
    );

    // `usage` is master, self_signing or user_signing; `public_key` is unpadded base64.
    table('cross_signing_keys', { user_id: 'text', usage: 'text', public_key: 'text', json: 'text' }, [
      'user_id',
      'usage',
    ]);
    // Signatures that were uploaded after the key: `target` is a device id or the public key of a master key.
    table(
      'key_signatures',
      { user_id: 'text', target: 'text', signer_id: 'text', signer_key: 'text', signature: 'text' },
      ['user_id', 'target', 'signer_id', 'signer_key'],
    );

    // The latest change of each user. `seen_by` is '' for all who share a room, else the one user who sees it.
    table('device_list_changes', { user_id: 'text', seen_by: 'text', position: 'int' }, ['user_id', 'seen_by']);
    index('device_list_changes_by_position', 'device_list_changes', ['position']);

    table('to_device_messages', { user_id: 'text', device_id: 'text', position: 'int', json: 'text' }, [
      'user_id',
      'device_id',
      'position',
    ]);

    // A deleted version stays, empty, so that its number is never used again.
    table(
      'key_backups',
      {
        user_id: 'text',
        version: 'int',
        algorithm: 'text',
        auth_data: 'text',
        etag: 'int',
        key_count: 'int',
        deleted: 'int',
      },
      ['user_id', 'version'],
    );
    table(
      'key_backup_sessions',
      {
        user_id: 'text',
        version: 'int',
        room_id: 'text',
        session_id: 'text',
        first_message_index: 'int',
        forwarded_count: 'int',
        is_verified: 'int',
        session_data: 'text',
      },
      ['user_id', 'version', 'room_id', 'session_id'],
    );
  },
};
