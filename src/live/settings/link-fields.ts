/** Options of gateways in processes of their own (`igchat live-gateway`), and of their links to the server. */
import { duration, optional, pattern, size, webAddress, whole } from '../../config/fields.ts';

const count = (comment: string, standard: number) => whole({ comment, default: standard, min: 1, max: 100_000_000 });

export const linkFields = {
  gateway_secret: optional(
    pattern({
      comment:
        'Lets gateways in that run in processes of their own (igchat live-gateway), which needs redis.url, too; both ends read it here.',
      example: 'a-text-of-32-characters-or-more-that-nobody-guesses',
      secret: true,
      matches: /^[\x21-\x7e]{32,512}$/,
      expected: 'a text of 32 characters or more without spaces, such as `openssl rand -hex 32` prints',
    }),
  ),
  gateway_server: optional(
    webAddress({
      comment: 'Where gateways reach this server; public_base_url unless it is said.',
      example: 'http://127.0.0.1:8008',
    }),
  ),
  gateways: count('Gateways that are linked at a time.', 64),
  link_timeout: duration({ comment: 'Time for an answer on such a link,', default: '5s', min: '100ms' }),
  link_waiting: count('… questions that wait for one,', 20_000),
  link_running: count('… those that are worked on at a time,', 500),
  link_heartbeat: duration({
    comment: '… time between two looks whether the other end is there: after two without a word it is not,',
    default: '3s',
    min: '100ms',
  }),
  link_queue: size({ comment: '… what may wait to be written,', default: '64MB', min: '1MB' }),
  link_message: size({ comment: '… the largest message,', default: '16MB', min: '1MB' }),
  link_retry: duration({ comment: '… and time between two attempts to make it anew, at most.', default: '5s' }),
} as const;
