/** The section `live` of `homeserver.yaml`. */
import { decimal, duration, flag, group, list, oneOf, text, type ValuesOf, whole } from '../../config/fields.ts';
import { chatFields } from './chat-fields.ts';
import { checkEntitlements, entitlementFields } from './entitlement-fields.ts';
import { gatewayFields } from './gateway-fields.ts';
import { linkFields } from './link-fields.ts';

export const live = group({
  comment:
    'Rooms of live streams: a chat that viewers read without an account and that its creator moderates. Nothing of it\ncosts anything until somebody makes a channel.',
  fields: {
    enabled: flag({ comment: 'Whether channels are offered.', default: true }),
    create_channels: oneOf({
      comment: 'Who may make channels.',
      values: ['everyone', 'admins'],
      default: 'everyone',
    }),
    channels_per_user: whole({ comment: 'Channels of one streamer.', default: 3, min: 1, max: 10_000 }),
    rollover_members: whole({
      comment: 'Users, present and past, in the room of a channel from which on it goes on in a new one; 0: never.',
      default: 20_000,
      min: 0,
      max: 10_000_000,
    }),
    origins: list({
      comment: 'Web pages that may sign viewers in, beside this server’s own and those that a channel names; * is any.',
      default: ['*'],
      item: text({ comment: 'An origin.', example: 'https://app.example.org' }),
    }),
    chat_retention: duration({
      comment: 'For how long the chat of a channel is kept, as its room says (m.room.retention).',
      default: '90d',
      min: '1h',
    }),
    recovery_time: duration({
      comment: 'For how long a viewer who was cut off is told everything it has missed.',
      default: '2m',
      min: '1s',
    }),
    recovery_entries: whole({
      comment: 'Messages and actions of a channel that are kept for that.',
      default: 3_000,
      min: 100,
      max: 1_000_000,
    }),
    recovery_frame: whole({ comment: 'Of these, those in one frame.', default: 200, min: 1, max: 10_000 }),
    snapshot_messages: whole({
      comment: 'Messages that whoever comes anew is shown.',
      default: 50,
      min: 0,
      max: 1_000,
    }),
    tick: duration({
      comment: 'Time for which a channel gathers before it tells its viewers. 0s: a frame for each message.',
      default: '280ms',
    }),
    tick_max: duration({ comment: 'The same, when a process has many viewers.', default: '1s', min: '1ms' }),
    write_cost: decimal({
      comment: 'Microseconds of processor time that writing to one viewer takes.',
      default: 8.5,
      min: 0.1,
      max: 10_000,
    }),
    write_budget: decimal({ comment: 'Share of a core that writing may take.', default: 0.5, min: 0.01, max: 1 }),
    write_slice: whole({
      comment: 'Viewers that are written to before other work has its turn.',
      default: 250,
      min: 1,
      max: 100_000,
    }),
    compress_from: whole({
      comment: 'Viewers of a channel from which on frames are compressed, once for all of them.',
      default: 2_000,
      min: 0,
      max: 100_000_000,
    }),
    waiting_messages: whole({
      comment: 'Messages of a channel that wait for a tick; what comes beyond is not shown live.',
      default: 1_000,
      min: 1,
      max: 100_000,
    }),
    viewers_interval: duration({ comment: 'Time between two counts of viewers.', default: '5s', min: '100ms' }),
    viewers_change: decimal({
      comment: 'Share by which a count has to differ to be told.',
      default: 0.01,
      min: 0,
      max: 1,
    }),
    sums_interval: duration({
      comment: 'Time between two sums of reactions, and of votes.',
      default: '500ms',
      min: '50ms',
    }),
    counted_keys: whole({
      comment: 'Different reactions, and polls, that are counted at a time.',
      default: 50,
      min: 1,
      max: 10_000,
    }),
    ...gatewayFields,
    ...linkFields,
    ...chatFields,
    ...entitlementFields,
  },
  check: checkEntitlements,
});

/** As the program reads it. */
export type LiveSettings = ValuesOf<typeof live.fields>;
