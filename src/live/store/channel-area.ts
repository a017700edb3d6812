/** Channels, how they stand, and their sessions. */
import { insert, type MutationDefinition, remove, statement, upsert } from '../../storage/sql/mutation.ts';
import { query, type Reader } from '../../storage/sql/query.ts';
import type {
  ChannelRow,
  ChannelStore,
  ClearingRow,
  ModRoomRow,
  OldRoomRow,
  RunOutRow,
  SessionRow,
  StateRow,
} from './channel-store.ts';

const channels = query<Record<never, never>, ChannelRow>('select * from live_channels order by channel_id');
const states = query<Record<never, never>, StateRow>('select * from live_states');
const modRooms = query<Record<never, never>, ModRoomRow>('select * from live_mod_rooms');
const runOuts = query<Record<never, never>, RunOutRow>('select * from live_run_outs');
const clearings = query<{ channel: string }, ClearingRow>('select * from live_clearings where channel_id = :channel');
const chatter = query<{ channel: string; user: string }, { first_at: number }>(
  'select first_at from live_chatters where channel_id = :channel and user_id = :user',
);
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
    runOuts: () => db.all(runOuts, {}),
    clearings: (channel) => db.all(clearings, { channel }),
    hasChatted: async (channel, user) => (await db.one(chatter, { channel, user })) !== undefined,
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
    ...{ channel_id: 'text', room_id: 'text', by_user: 'text', created_at: 'int', moderators: 'text' },
  }),
  'live.modRooms.follow': statement(
    { channel_id: 'text', moderators: 'text' },
    'update live_mod_rooms set moderators = :moderators where channel_id = :channel_id',
  ),
  'live.runOuts.put': upsert('live_run_outs', { channel_id: 'text', what: 'text', ends_at: 'int' }, [
    'channel_id',
    'what',
  ]),
  'live.runOuts.remove': remove('live_run_outs', { channel_id: 'text', what: 'text' }),
  'live.clearings.put': upsert(
    'live_clearings',
    { channel_id: 'text', user_id: 'text', place: 'int', cleared_at: 'int' },
    ['channel_id', 'user_id'],
  ),
  'live.clearings.trim': statement({ before: 'int' }, 'delete from live_clearings where cleared_at < :before'),
  'live.chatters.note': statement(
    { channel_id: 'text', user_id: 'text', first_at: 'int' },
    `insert into live_chatters (channel_id, user_id, first_at) values (:channel_id, :user_id, :first_at)
     on conflict (channel_id, user_id) do nothing`,
  ),
  'live.chatters.forget': remove('live_chatters', { user_id: 'text' }),
  'live.modRooms.remove': remove('live_mod_rooms', { channel_id: 'text' }),
  'live.states.put': upsert(
    'live_states',
    { channel_id: 'text', status: 'text', content: 'text', is_private: 'int', changed_at: 'int' },
    ['channel_id'],
  ),
  'live.sessions.remove': remove('live_sessions', { channel_id: 'text', session_id: 'text' }),
  'live.sessions.put': upsert(
    'live_sessions',
    {
      ...{ channel_id: 'text', session_id: 'text', room_id: 'text', title: 'text' },
      ...{ started_at: 'int', ended_at: 'int', for_members: 'int' },
    },
    ['channel_id', 'session_id'],
  ),
} satisfies Record<string, MutationDefinition>;
