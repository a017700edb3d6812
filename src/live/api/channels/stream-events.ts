import { endpoint } from '../../../http/endpoint.ts';
import { raw } from '../../../http/reply.ts';
import { limitExceeded } from '../../../protocol/errors.ts';
import { EventStream, positionOf } from '../../hub/sockets/event-stream.ts';
import type { LiveServices } from '../../live-services.ts';
import { CHANNEL_PATH, EXTENSION } from '../paths.ts';
import { watchedChannel } from '../watching.ts';

/** `GET …/channels/{channel}/events` · https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const streamEvents = endpoint({
  name: 'streamLiveEvents',
  extension: EXTENSION,
  summary: 'The frames of a channel as server-sent events; `Last-Event-ID` says where to go on',
  method: 'get',
  paths: [`${CHANNEL_PATH}/events`],
  auth: 'optional',
  rateLimit: 'general',
  longPoll: true,
  async handle({ params, requester, request }, { live }: { live: LiveServices }) {
    const { open } = await watchedChannel(live, params.channel, requester?.userId);
    const cap = live.caps.admit(request.address);
    if (!cap.admitted) throw limitExceeded(cap.retryMs, 'Too many viewers; read by polling');
    const stream = new EventStream(live.clock);
    const last = request.headers['last-event-id'];
    const subscription = open.fanOut.join(
      stream,
      'full',
      positionOf(typeof last === 'string' ? last : ''),
      ({ epoch, seq }, rec) => stream.event({ op: 'joined', r: open.handle, epoch, seq, rec, tick: open.tickMs }),
    );
    open.feed.setViewers(open.fanOut.viewers);
    stream.onEnd(() => {
      live.caps.release(cap.key);
      open.fanOut.leave(subscription);
      open.feed.setViewers(open.fanOut.viewers);
    });
    request.whenOver(() => stream.end());
    const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' };
    return raw(200, headers, stream.readable);
  },
});
