import type { Migration } from '../../../storage/migration.ts';

/** What channels show of themselves, their sessions and what was said in them, polls, appeals, keys of overlays. */
export const liveSessions: Migration = {
  name: '0022-live-sessions',
  up({ table, index }) {
    table('live_states', { channel_id: 'text', status: 'text', content: 'text', changed_at: 'int' }, ['channel_id']);
    // Rooms that a channel had before: whoever knows them is led on.
    table('live_rooms', { room_id: 'text', channel_id: 'text', left_at: 'int' }, ['room_id']);
    table(
      'live_sessions',
      {
        ...{ channel_id: 'text', session_id: 'text', room_id: 'text', title: 'text' },
        ...{ started_at: 'int', ended_at: 'int?' },
      },
      ['channel_id', 'session_id'],
    );
    index('live_sessions_start', 'live_sessions', ['channel_id', 'started_at']);
    table(
      'live_index',
      {
        ...{ session_id: 'text', offset_ms: 'int', place: 'int', entry_id: 'text', channel_id: 'text' },
        ...{ kind: 'text', fields: 'text', said_at: 'int' },
      },
      ['session_id', 'offset_ms', 'place', 'entry_id'],
    );
    index('live_index_entry', 'live_index', ['entry_id']);
    index('live_index_age', 'live_index', ['said_at']);
    table(
      'live_polls',
      {
        ...{ poll_id: 'text', channel_id: 'text', room_id: 'text', by_user: 'text', content: 'text' },
        ...{ answers: 'text', started_at: 'int', ends_at: 'int', ended_at: 'int?' },
      },
      ['poll_id'],
    );
    index('live_polls_channel', 'live_polls', ['channel_id', 'started_at']);
    table('live_poll_votes', { poll_id: 'text', user_id: 'text', answers: 'text', voted_at: 'int' }, [
      'poll_id',
      'user_id',
    ]);
    table(
      'live_unban_requests',
      {
        ...{ request_id: 'text', channel_id: 'text', user_id: 'text', message: 'text', state: 'text' },
        ...{ by_user: 'text?', answer: 'text?', created_at: 'int', decided_at: 'int?' },
      },
      ['request_id'],
    );
    index('live_unban_requests_open', 'live_unban_requests', ['channel_id', 'state', 'created_at']);
    table(
      'live_overlay_keys',
      { key_hash: 'text', channel_id: 'text', by_user: 'text', created_at: 'int', expires_at: 'int' },
      ['key_hash'],
    );
    index('live_overlay_keys_channel', 'live_overlay_keys', ['channel_id']);
  },
};
