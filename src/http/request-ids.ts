import type { IncomingMessage } from 'node:http';
import type { Random } from '../util/random.ts';

const SANE = /^[\w.:-]{1,64}$/;

/** Names requests: by what the client or proxy calls it, or by a number behind a prefix of this process. */
export function requestIds(random: Random): (incoming: IncomingMessage) => string {
  const prefix = random.token(6);
  let count = 0;
  return (incoming) => {
    const given = incoming.headers['x-request-id'];
    if (typeof given === 'string' && SANE.test(given)) return given;
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
