/** Paging back through a room of 100,000 messages: how long a page takes near the end, in the middle and at the beginning. */
import type { Services } from '../../src/homeserver.ts';
import { compileRoomEventFilter } from '../../src/services/filters/compiled-filter.ts';
import { type EngineName, engine } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';
import { openServices } from '../support/test-services.ts';

const MESSAGES = 100_000;
const AT_ONCE = 500;
const PAGE = 100;
const USER = '@reader:test.example';

async function fill({ roomCreation, timeline }: Services): Promise<string> {
  const roomId = await roomCreation.create({ userId: USER, isAdmin: false }, { preset: 'public_chat' });
  const content = { msgtype: 'm.text', body: 'About as long as what people say to each other in a room of that size.' };
  for (let i = 0; i < MESSAGES; i += AT_ONCE) {
    const draft = { type: 'm.room.message', sender: USER, content };
    await Promise.all(Array.from({ length: AT_ONCE }, () => timeline.send(roomId, draft)));
  }
  return roomId;
}

function told(name: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const [median, worst] = [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  console.log(`  ${name.padEnd(24)} median ${median.toFixed(2)} ms, worst ${worst.toFixed(1)}`);
}

async function measure(name: EngineName): Promise<void> {
  const database = await engine(name);
  const services = await openServices(database, new TestClock(), { limits: { event_cache_size: '16MB' } });
  const roomId = await fill(services);
  const filter = compileRoomEventFilter();
  const times: number[] = [];
  let from: string | undefined;
  const started = performance.now();
  do {
    const start = performance.now();
    const text = await services.messages.page({ userId: USER }, roomId, { from, dir: 'b', limit: PAGE, filter });
    times.push(performance.now() - start);
    from = (JSON.parse(text) as { end?: string }).end;
  } while (from !== undefined);
  const seconds = (performance.now() - started) / 1_000;
  console.log(`${name}: ${times.length} pages of ${PAGE} in ${seconds.toFixed(1)} s`);
  told('the newest 100 pages', times.slice(0, 100));
  told('100 in the middle', times.slice(times.length / 2, times.length / 2 + 100));
  told('the oldest 100', times.slice(-100));
  await services.storage.close();
  await database.drop();
}

export async function run(): Promise<void> {
  for (const name of ['sqlite', 'postgres'] as const) await measure(name);
}
