/**
 * The hub in a process of its own, for load from outside: a gateway; `POST /publish` with a message's content, which
 * goes through admission and into the channel; and `POST /delete`, which deletes what was said last. `TICK_MS`,
 * `DISPLAY_RATE` and `DEFLATE_FROM` are settings of the run, `CHATTER` the messages a second that it says by itself.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { decide } from '../../../src/live/rules/admission/admit.ts';
import { messageName } from '../../../src/live/rules/message-name.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { systemClock } from '../../../src/util/clock.ts';
import { systemRandom } from '../../../src/util/random.ts';
import { attempt } from '../rules/attempts.ts';
import { LIVE_DEFAULTS, startLiveServer } from './live-server.ts';

const setting = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

const server = await startLiveServer({
  clock: systemClock,
  random: systemRandom,
  tickMs: setting('TICK_MS', 280),
  displayRate: setting('DISPLAY_RATE', 1000),
  deflateFrom: setting('DEFLATE_FROM', 2000),
  gateway: {
    // All viewers of a bench come from one address, at once.
    caps: { ...LIVE_DEFAULTS.caps, perIpv4: 40_000, handshakes: { perSecond: 40_000, burst: 40_000 } },
  },
});

let position = 0;
let last = '';
const TERMS = Array.from({ length: 1000 }, (_, n) => [`term${n.toString(36)}`, 'block'] as const);
const template = attempt({ terms: TERMS });

function publish(content: JsonObject): number {
  const { message } = attempt({ content });
  if (decide({ ...template, message }).verdict !== undefined) return 403;
  position += 1;
  const id = `$${systemRandom.token(43)}`;
  const userId = `@${id.slice(1, 9)}:example.org`;
  const fields = JSON.stringify({ id: messageName(id), u: userId, o: position, tx: content['body'] });
  // As `PUT /send`, which answers when the event is durable and not when viewers are told.
  void server.writer.offerMessage({ kind: 'm', eventId: id, userId, position, fields }, 3);
  last = id;
  return 200;
}

/** What the client looks for is in place of the message's name. */
function remove(content: JsonObject): number {
  const fields = JSON.stringify({ id: content['body'] });
  void server.writer.offer({ kind: 'd', fields, buries: { eventId: last }, isUrgent: true });
  return 200;
}

const PATHS = new Map([
  ['/publish', publish],
  ['/delete', remove],
]);
const chatter = setting('CHATTER', 0);
const chat = () => publish({ msgtype: 'm.text', body: `Nobody looks for this, number ${position}` });
if (chatter > 0) setInterval(chat, 1000 / chatter);

/** Milliseconds between two looks; what is longer is delay. */
const RESOLUTION = 10;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION });

server.http.on('request', (incoming, response) => {
  // Only what is told is measured, and not how viewers come in.
  delays.enable();
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const status = PATHS.get(incoming.url ?? '')?.(JSON.parse(String(Buffer.concat(chunks))) as JsonObject) ?? 404;
    response.writeHead(status).end('{}');
  });
});

console.log(JSON.stringify({ url: server.url, base: server.url.replace('ws:', 'http:').split('/_')[0] }));

// A profile is written by an orderly exit only.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.stdout.write(JSON.stringify({ loop_p99_ms: delays.percentile(99) / 1e6 - RESOLUTION }));
    process.exit(0);
  });
}
