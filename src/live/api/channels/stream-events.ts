import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import { limitExceeded } from '../../../protocol/errors.ts';
import { EventStream, positionOf } from '../../hub/sockets/event-stream.ts';
import { StreamSession } from '../gateway/stream-session.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { openForReading, type WatchingServices } from '../watching.ts';

/** `GET …/channels/{channel}/events` · https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const streamEvents = endpoint({
  name: 'streamLiveEvents',
  extension: EXTENSION,
  summary: 'The frames of a channel as server-sent events; `Last-Event-ID` or `from` says where to go on',
  method: 'get',
  paths: [`${CHANNEL_PATH}/events`],
  auth: 'optional',
  // Those of one address, and how fast they come, are counted as its sockets are.
  rateLimit: false,
  longPoll: true,
  query: Type.Object({
    // Pages of other sites may not set the header by themselves.
    from: Type.Optional(Type.String({ maxLength: 300 })),
    profile: Type.Optional(Type.Union([Type.Literal('full'), Type.Literal('lite'), Type.Literal('overlay')])),
    mod: Type.Optional(Type.Boolean()),
    mseq: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
  async handle(context, { live }: { live: WatchingServices }) {
    const { params, query, request } = context;
    const account = live.viewerOf(context);
    const { open } = await openForReading(live, params.channel, account?.userId);
    const release = admit(live, request.address, account?.userId);
    const stream = new EventStream(live.clock, live.closeMs);
    const { profile = 'full', mod: wantsLane = false, mseq: lane } = query;
    const session = new StreamSession({ ...live, stream, account, profile, wantsLane });
    stream.onEnd(() => {
      release();
      session.end();
    });
    request.whenOver(() => stream.end());
    const last = request.headers['last-event-id'];
    await session.read(open, { place: positionOf(typeof last === 'string' ? last : (query.from ?? '')), lane });
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
    return raw(200, headers, stream.readable);
  },
});

/** Takes a place among the viewers, as a socket does; what is answered gives it back. @throws M_LIMIT_EXCEEDED */
function admit({ caps }: WatchingServices, address: string, userId: string | undefined): () => void {
  const cap = caps.admit(address);
  if (!cap.admitted) throw limitExceeded(cap.retryMs, 'Too many viewers; read by polling');
  if (userId !== undefined && !caps.admitUser(userId)) {
    caps.release(cap.key);
    throw limitExceeded(1000, 'Too many connections of this account');
  }
  return () => {
    caps.release(cap.key);
    if (userId !== undefined) caps.releaseUser(userId);
  };
}
