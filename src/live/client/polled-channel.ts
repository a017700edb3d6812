/** A channel by polling: the snapshot, and then what was told in each two seconds, which any cache may keep. */
import { isForNoOverlay } from './chat-for-overlay.ts';
import { numbered } from './live-channel.ts';
import { LiveError } from './live-error.ts';
import type { Fields } from './live-events.ts';
import { pause } from './pause.ts';
import type { Reading } from './streamed-channel.ts';

/** Unless the server says otherwise. */
const CHUNK_MS = 2000;
/** Neither counts nor what concerns one person are in chunks: they are looked for with each so many of them. */
const CHUNKS_A_COUNT = 5;
/** So often a chunk is not there yet before it is taken for one that will not come. */
const MAX_EARLY = 8;
const EARLY_MS = 700;

/** Reads for as long as it works. Rejects with a {@link LiveError} that has the status of what the server refused. */
export async function poll(reading: Reading): Promise<never> {
  const { http, channel, signal, opened } = reading;
  const { id } = channel;
  const { room_id: room } = await http.read(id, '', signal);
  const you = await standing(reading);
  let chunkMs = CHUNK_MS;
  const begin = async (rec: boolean) => {
    const snapshot = rec ? undefined : await http.read(id, '/snapshot', signal);
    opened();
    channel.take({ op: 'joined', r: 0, ch: channel.id, room, rec, you });
    if (snapshot) channel.take({ ...snapshot, op: 'snap' });
    return Math.floor(channel.toldAt / chunkMs) - 1;
  };
  let slot = await begin(channel.position['epoch'] !== undefined);
  let early = 0;
  for (let read = 1; ; ) {
    const answer = await http.request('GET', id, `/chunk/${channel.position['epoch']}/${slot}`, signal);
    if (answer.ok) {
      early = 0;
      const chunk = (await answer.json()) as Fields;
      const isWhole = take(reading, chunk, (slot + 1) * chunkMs);
      chunkMs = Number(chunk['interval_ms'] ?? chunkMs);
      slot = isWhole ? Number(chunk['next'] ?? slot + 1) : await begin(false);
      read += 1;
    } else if (answer.status === 404 && early < MAX_EARLY) {
      early += 1;
      await pause(EARLY_MS, signal);
    } else if (answer.status === 404 || answer.status === 410) {
      early = 0;
      slot = await begin(false);
    } else {
      throw new LiveError(String(answer.status), 'Polling was refused');
    }
    if (read % CHUNKS_A_COUNT === 0) {
      read += 1;
      await look(reading);
    }
    // A little behind the end of the slot, everybody at another moment.
    const ends = (slot + 1) * chunkMs + 200 + Math.random() * 600;
    await pause(Math.max(0, ends - channel.serverTime), signal);
  }
}

const NOBODY = { role: 'viewer', badges: [], can: false, why: 'signed_out' };

/** Whether what the chunk holds goes on where the channel is. `st`: when it was complete. */
function take({ channel, profile }: Reading, { ev }: Fields, st: number): boolean {
  const { seq: p } = channel.position;
  const news = numbered(ev).filter(({ s }) => (s as number) > (p as number));
  const q = news.at(-1)?.['s'] ?? p;
  if (news.length > 0 && news[0]?.['s'] !== (p as number) + 1) return false;
  const shown = profile === 'overlay' ? news.filter((entry) => !isForNoOverlay(entry)) : news;
  channel.take({ op: 't', p, q, st, ev: shown });
  return true;
}

async function look(reading: Reading): Promise<void> {
  const { http, channel, profile, signal } = reading;
  const you = await standing(reading);
  if (JSON.stringify(you) !== JSON.stringify(channel.you)) channel.take({ op: 'me', you });
  if (profile === 'lite') return;
  const { a } = await http.read(channel.id, '/snapshot', signal);
  const { seq: p } = channel.position;
  channel.take({ op: 't', p, q: p, a });
}

async function standing({ http, channel, signal }: Reading): Promise<Fields> {
  return (await http.isSomebody(channel.id)) ? http.read(channel.id, '/me', signal) : NOBODY;
}
