import { duration, group, size, whole } from '../fields.ts';

const count = (comment: string, standard: number, min = 1) =>
  whole({ comment, default: standard, min, max: 100_000_000 });

export const limits = group({
  comment: 'The bounds of everything that could grow.',
  fields: {
    max_body: size({
      comment: 'Largest body of a request that is not an upload (413 beyond).',
      default: '1MB',
      min: '64KB',
    }),
    request_timeout: duration({ comment: 'Time for a client to send its request.', default: '60s', min: '1s' }),
    event_cache_entries: count('Events kept in memory.', 50_000),
    event_cache_size: size({ comment: 'Memory for them.', default: '48MB', min: '1MB' }),
    room_cache_size: size({ comment: 'Memory for state and members of rooms in use.', default: '64MB', min: '1MB' }),
    session_cache_entries: count('Access tokens kept in memory.', 20_000),
    filter_cache_entries: count('Sync filters kept in memory.', 5_000),
    filters_per_user: count('Filters that a user may store; beyond, the oldest goes.', 500),
    filter_size: size({ comment: 'Largest filter.', default: '64KB', min: '1KB' }),
    sync_timeline_max: count('Most events of a room in one sync.', 100),
    sync_timeout_max: duration({ comment: 'Longest time that a sync waits for news.', default: '60s', min: '1s' }),
    sync_waiters_per_user: count('Syncs of one user that may wait at once; beyond, the oldest answers empty.', 50),
    unread_counts: count('Rooms of users whose unread counts are kept in memory.', 50_000),
    unread_scan: count(
      'Unread events of a room that are looked at one by one to count threads and own messages.',
      5_000,
    ),
    sync_to_device_max: count('Most to-device messages in one sync.', 100),
    room_summaries: count('Summaries of rooms kept in memory for the public directory.', 20_000),
    past_state_entries: count('Entries of the past states of rooms kept in memory.', 200_000),
    relation_cache_entries: count('Threads and rooms of which relations between events are kept in memory.', 20_000),
    page_max: count('Most events on a page of history.', 1_000),
    to_device_queue_per_device: count(
      'To-device messages kept for one device; beyond, the oldest is dropped.',
      100_000,
    ),
    devices_per_user: count('Devices of one user; beyond, logging in drops the one unused for longest.', 1_000),
    one_time_keys_per_device: count('One-time keys kept for one device.', 1_000),
    account_data_size: size({ comment: 'Largest piece of account data.', default: '64KB', min: '1KB' }),
    account_data_per_user: count('Pieces of account data of one user.', 10_000),
    user_cache_entries: count('Users whose account data and push rules are kept in memory.', 20_000),
    receipt_cache_entries: count('Receipts kept in memory.', 200_000),
    presence_users: count('Users whose presence is kept.', 100_000),
    typing_users_per_room: count('Users of one room who are shown as typing.', 50),
    typing_rooms: count('Rooms of which it is kept who is typing.', 10_000),
    profile_size: size({ comment: 'Largest profile.', default: '64KB', min: '1KB' }),
    key_backup_versions_per_user: count('Key backups of one user.', 50),
    key_backup_keys: count('Keys in one key backup (413 beyond).', 1_000_000),
    device_list_changes: count('Changes of device lists and of memberships kept in memory for syncs.', 20_000),
    device_list_unencrypted_members: count(
      'Members up to which those of a room without encryption are told when devices of each other change.',
      200,
      0,
    ),
    room_queue: count('Requests of one room that may wait for their turn (503 beyond).', 10_000),
    commit_queue: count('Writes that may wait for the database (503 beyond).', 50_000),
    read_queue: count('Long reads that may wait for the database (503 beyond).', 10_000),
    invites_per_room_creation: count('Users invited when a room is made.', 500),
    push_rules_per_user: count('Push rules of one user.', 5_000),
    push_rules_size: size({ comment: 'Memory for them.', default: '512KB', min: '4KB' }),
  },
});
