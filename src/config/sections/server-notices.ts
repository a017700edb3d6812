import { flag, group, optional, pattern, text } from '../fields.ts';

export const serverNotices = group({
  comment: 'Messages of the administrators to single users (POST /_synapse/admin/v1/send_server_notice).',
  fields: {
    localpart: optional(
      pattern({
        comment: 'Name of the user who brings them; without one there are none.',
        example: 'notices',
        matches: /^[a-z0-9._=\-/+]+$/,
        expected: 'a user name of small letters, digits and ._=-/+',
      }),
    ),
    display_name: text({ comment: 'What they are shown as.', default: 'Server notices' }),
    avatar_url: optional(
      pattern({
        comment: 'Their picture.',
        example: 'mxc://example.org/abc',
        matches: /^mxc:\/\/[^/\s]+\/[\w-]+$/,
        expected: 'an mxc:// address',
      }),
    ),
    room_name: text({ comment: 'Name of the room of each user.', default: 'Server notices' }),
    room_topic: optional(text({ comment: 'Its topic.', example: 'Messages of your administrators' })),
    auto_join: flag({ comment: 'Whether users are put into the room in place of being invited.', default: false }),
  },
});
