/** Options of the sockets of viewers. */
import { decimal, duration, group, size, whole } from '../../config/fields.ts';

const count = (comment: string, standard: number, min = 1) =>
  whole({ comment, default: standard, min, max: 100_000_000 });

export const gatewayFields = {
  sockets: count('Viewers of one process.', 40_000),
  sockets_per_ipv4: count('Of these, from one address; mobile networks put many people behind one.', 2_000),
  sockets_per_ipv6_network: count('The same, from one network of 64 bits.', 50),
  sockets_per_user: count('The same, of one account.', 10),
  handshakes: group({
    comment: 'New sockets from one address.',
    inline: true,
    fields: {
      per_second: decimal({ comment: 'A second.', default: 200, min: 0.01, max: 1_000_000 }),
      burst: whole({ comment: 'At once.', default: 400, min: 1, max: 1_000_000 }),
    },
  }),
  frames: group({
    comment: 'What a viewer may send, all kinds together.',
    inline: true,
    fields: {
      per_second: decimal({ comment: 'Frames a second.', default: 2, min: 0.01, max: 100_000 }),
      burst: whole({ comment: 'Frames at once.', default: 40, min: 1, max: 100_000 }),
    },
  }),
  frame_size: size({ comment: 'Largest frame of a viewer.', default: '8KB', min: '1KB' }),
  frames_running: count('Frames of a viewer that are worked on at a time.', 8),
  channels_per_socket: count('Channels that a viewer watches through one socket.', 4),
  hello_time: duration({ comment: 'Time for a viewer to say what it wants.', default: '10s', min: '100ms' }),
  heartbeat: duration({
    comment: 'A viewer that says nothing for this time is asked whether it is there,',
    default: '25s',
    min: '1s',
  }),
  heartbeat_answer: duration({ comment: '… and has this time to answer.', default: '8s', min: '1s' }),
  lag_counts: size({
    comment: 'What waits for a viewer that reads too slowly: from here on it gets no counts,',
    default: '64KB',
    min: '1KB',
  }),
  lag_pause: size({ comment: '… from here on nothing until it has read all of that,', default: '256KB', min: '1KB' }),
  lag_close: size({ comment: '… and from here on it is closed,', default: '1MB', min: '1KB' }),
  lag_time: duration({ comment: '… as it is after this time.', default: '30s', min: '1s' }),
  close_time: duration({ comment: 'Time for a viewer to answer a close.', default: '2s', min: '100ms' }),
  drain_time: duration({
    comment: 'When the server stops, its viewers come back at different times within this one.',
    default: '30s',
  }),
  idle_time: duration({
    comment: 'A channel that nobody watches for this time is put away until somebody comes.',
    default: '10m',
    min: '1m',
  }),
  tickets: count('Tickets of people who are about to come; beyond, the oldest are not good any more.', 100_000),
  resume_secrets: count('The same for what lets those who were cut off come back as who they were,', 100_000),
  passes: count('… and for what they chat with where no WebSocket gets through.', 100_000),
  resume_time: duration({
    comment: 'How long these two are good: of the first, after the cut.',
    default: '10m',
    min: '10s',
  }),
} as const;
