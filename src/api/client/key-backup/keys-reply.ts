import { Readable } from 'node:stream';
import { JSON_TYPE, type Reply, raw } from '../../../http/reply.ts';

/** Keys as they come from storage. */
export function keysReply(pieces: AsyncIterable<string>): Reply {
  return raw(200, { 'Content-Type': JSON_TYPE }, Readable.from(pieces, { objectMode: false }));
}
