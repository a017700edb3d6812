/** Channels, how they stand, and their sessions. */
import { insert, type MutationDefinition, remove, statement, upsert } from '../../storage/sql/mutation.ts';
import { query, type Reader } from '../../storage/sql/query.ts';
import type { ChannelRow, ChannelStore, ModRoomRow, OldRoomRow, SessionRow, StateRow } from './channel-store.ts';

const channels = query<Record<never, never>, ChannelRow>('select * from live_channels order by channel_id');
const states = query<Record<never, never>, StateRow>('select * from live_states');
const modRooms = query<Record<never, never>, ModRoomRow>('select * from live_mod_rooms');
const oldRooms = query<Record<never, never>, OldRoomRow>('select * from live_rooms');
const session = query<{ channel: string; session: string }, SessionRow>(
  'select * from live_sessions where channel_id = :channel and session_id = :session',
);
const sessions = query<{ channel: string; before: number; limit: number }, SessionRow>(
  `select * from live_sessions where channel_id = :channel and started_at < :before
   order by started_at desc limit :limit`,
);

export function channelStore(db: Reader): ChannelStore {
  return {
    channels: () => db.all(channels, {}),
    states: () => db.all(states, {}),
    oldRooms: () => db.all(oldRooms, {}),
    modRooms: () => db.all(modRooms, {}),
    session: (channel, id) => db.one(session, { channel, session: id }),
    sessions: (channel, before, limit) => db.all(sessions, { channel, before, limit }),
  };
}

export const channelMutations = {
  'live.channels.insert': insert('live_channels', {
    ...{ channel_id: 'text', streamer: 'text', name: 'text', room_id: 'text', created_at: 'int' },
  }),
  'live.channels.move': statement(
    { channel_id: 'text', from_room: 'text', room_id: 'text' },
    'update live_channels set room_id = :room_id where channel_id = :channel_id and room_id = :from_room',
    { expectOne: true },
  ),
  'live.oldRooms.insert': insert('live_rooms', { room_id: 'text', channel_id: 'text', left_at: 'int' }),
  'live.modRooms.insert': insert('live_mod_rooms', {
    ...{ channel_id: 'text', room_id: 'text', by_user: 'text', created_at: 'int' },
  }),
  'live.modRooms.remove': remove('live_mod_rooms', { channel_id: 'text' }),
  'live.states.put': upsert(
    'live_states',
    { channel_id: 'text', status: 'text', content: 'text', is_private: 'int', changed_at: 'int' },
    ['channel_id'],
  ),
  'live.sessions.put': upsert(
    'live_sessions',
    {
      ...{ channel_id: 'text', session_id: 'text', room_id: 'text', title: 'text' },
      ...{ started_at: 'int', ended_at: 'int', for_members: 'int' },
    },
    ['channel_id', 'session_id'],
  ),
} satisfies Record<string, MutationDefinition>;
