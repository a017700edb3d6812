import type { Migration } from '../src/storage/migration.ts';

/** Account data, filters, the receipts of a user, uploaded files. */
export const userData: Migration = {
  name: '0004-user-data',
  up({ table, index }) {
    table(
      'account_data',
      {
        user_id: 'text',
        // '' for the account as a whole.
        room_id: 'text',
        type: 'text',
        content: 'text',
        position: 'int',
      },
      ['user_id', 'room_id', 'type'],
    );
    index('account_data_by_position', 'account_data', ['user_id', 'position']);
    index('account_data_push_rules', 'account_data', ['type'], { where: "type = 'm.push_rules'" });

    // The id is a hash of the filter, so that a client that stores the same one again adds no row.
    table('filters', { user_id: 'text', filter_id: 'text', json: 'text', created_at: 'int' }, ['user_id', 'filter_id']);

    index('receipts_by_user', 'receipts', ['user_id', 'room_nid']);

    table(
      'local_media',
      {
        media_id: 'text',
        user_id: 'text',
        content_type: 'text?',
        file_name: 'text?',
        // The first three are absent until the file is there.
        size: 'int?',
        sha256: 'text?',
        uploaded_at: 'int?',
        created_at: 'int',
        // When the right to upload to a reserved id ends.
        expires_at: 'int?',
      },
      ['media_id'],
    );
    index('local_media_by_user', 'local_media', ['user_id', 'created_at']);
    index('local_media_pending', 'local_media', ['user_id', 'expires_at'], { where: 'uploaded_at is null' });

    table(
      'thumbnails',
      {
        media_id: 'text',
        width: 'int',
        height: 'int',
        method: 'text',
        animated: 'int',
        content_type: 'text',
        size: 'int',
      },
      ['media_id', 'width', 'height', 'method', 'animated'],
    );
  },
};
