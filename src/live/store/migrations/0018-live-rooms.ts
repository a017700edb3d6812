import type { Migration } from '../../../storage/migration.ts';

/** Live rooms: channels, sanctions, terms, messages that wait for moderators, and what moderators did. */
export const liveRooms: Migration = {
  name: '0018-live-rooms',
  up({ table, index }) {
    table('live_channels', { channel_id: 'text', streamer: 'text', name: 'text', room_id: 'text', created_at: 'int' }, [
      'channel_id',
    ]);
    index('live_channels_room', 'live_channels', ['room_id'], { unique: true });
    table(
      'live_sanctions',
      {
        channel_id: 'text',
        user_id: 'text',
        kind: 'text',
        until_ts: 'int?',
        by_user: 'text',
        reason: 'text',
        created_at: 'int',
      },
      ['channel_id', 'user_id', 'kind'],
    );
    table(
      'live_terms',
      {
        channel_id: 'text',
        pattern: 'text',
        action: 'text',
        expires: 'int?',
        by_user: 'text',
        created_at: 'int',
      },
      ['channel_id', 'pattern'],
    );
    table(
      'live_held',
      {
        held_id: 'text',
        channel_id: 'text',
        room_id: 'text',
        sender: 'text',
        type: 'text',
        content: 'text',
        reason: 'text',
        state: 'text',
        created_at: 'int',
        expires_at: 'int',
      },
      ['held_id'],
    );
    index('live_held_waiting', 'live_held', ['channel_id', 'created_at']);
    index('live_held_expiry', 'live_held', ['expires_at']);
    table(
      'live_mod_log',
      {
        channel_id: 'text',
        created_at: 'int',
        entry_id: 'text',
        by_user: 'text',
        action: 'text',
        target: 'text?',
        detail: 'text',
      },
      ['channel_id', 'created_at', 'entry_id'],
    );
  },
};
