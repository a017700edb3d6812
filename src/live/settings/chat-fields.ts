/** Options of the chat: what binds every channel, whatever its creator sets. */
import { decimal, duration, group, list, size, text, whole } from '../../config/fields.ts';

const count = (comment: string, standard: number, min = 1) =>
  whole({ comment, default: standard, min, max: 100_000_000 });

export const chatFields = {
  message_gap: duration({ comment: 'Time between two messages of a user.', default: '1s' }),
  message_window: duration({ comment: 'In this time somebody sends at most', default: '30s', min: '1s' }),
  messages_of_users: count('… so many messages;', 20),
  messages_of_moderators: count('… moderators so many;', 100),
  messages_of_bots: count('… and bots so many.', 300),
  joins_per_second: count('Chatters who join a room a second, each with its first message;', 20),
  joins_waiting: count('… and those who may wait for that. Beyond, they are asked to try again.', 200),
  mentions: count('Users that a message may mention.', 5, 0),
  pictures: count('Emotes and emoji of a message.', 20, 0),
  capitals: decimal({
    comment: 'Share of capitals in a longer message from which on it is too loud; 1: never.',
    default: 0.8,
    min: 0,
    max: 1,
  }),
  flood_users: count('Users who say the same within ten seconds, from which on moderators have to look.', 8, 2),
  known_chatters: count('Chatters of a channel whose last messages are remembered.', 10_000),
  known_texts: count('Texts of a channel that are remembered, to find those that come again.', 5_000),
  busy_channels: count('Channels for which that is done at a time.', 1_000),
  known_signatures: count('Answers to other servers about messages that are remembered.', 100_000),
  refused_per_second: count(
    'Messages of other servers, sent though they were refused, that are taken out of a room a second.',
    2,
  ),
  held_of_user: count('Messages of a user that may wait for moderators in a channel.', 5),
  terms: count('Words and phrases that a channel can block.', 1_000),
  automod_terms: list({
    comment: 'Words that automatic moderation looks for beside those that are built in.',
    default: [],
    item: group({
      comment: 'A word or phrase.',
      inline: true,
      fields: {
        category: text({ comment: 'Its category, one of the built-in ones or another.', example: 'profanity' }),
        level: whole({ comment: 'The level of a channel from which on it is caught.', default: 2, min: 1, max: 4 }),
        pattern: text({ comment: 'The word or phrase; * stands for any part of a word.', example: 'darn*' }),
      },
    }),
  }),
  held_time: duration({ comment: 'Time for moderators to decide on a message.', default: '5m', min: '10s' }),
  held_messages: count('Messages of a channel that may wait for that.', 200),
  reason_size: size({ comment: 'Longest reason that a moderator gives.', default: '1KB', min: '16B' }),
  delayed_messages: count('The same, that wait for the delay of the channel.', 1_000),
  mod_room_waiting: count('What waits to be written into the private room of moderators, or done there.', 1_000),
  purge_look: count('Events of a room that are looked through when all is taken out that a user has said;', 20_000),
  purge_messages: count('… and messages of it that are taken out at a time, the newest.', 1_000),
  lane_frames: count('What moderators of a channel are told that they can catch up with after a cut.', 500),
  replay_bucket: count('What half a minute of a replay holds at most.', 2_000),
  replay_waiting: count('What waits to be written for replays; beyond, it is not in them.', 10_000),
  overlay_keys: count('Keys of overlays of a channel.', 20),
  overlay_key_lifetime: duration({ comment: 'For how long such a key is good.', default: '90d', min: '1h' }),
  open_polls: count('Polls of all channels that are open at a time.', 10_000),
  poll_voters: count('Votes of a poll that are counted.', 1_000_000),
  reacted_messages: count('Messages of a channel whose reactions are counted.', 1_000),
  log_page: count('Entries of a page of the moderators’ log.', 100),
  log_retention: duration({ comment: 'For how long that log is kept.', default: '365d', min: '1h' }),
} as const;
