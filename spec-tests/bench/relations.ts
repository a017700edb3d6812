/** Relations: a thread of 10,000 messages, 1,000 threads on one list, and pages whose events all have edits and threads. */
import type { Services } from '../../src/homeserver.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { compileRoomEventFilter } from '../../src/services/filters/compiled-filter.ts';
import { type EngineName, engine } from '../support/engines.ts';
import { TestClock } from '../support/test-clock.ts';
import { openServices } from '../support/test-services.ts';

const LONG = 10_000;
const THREADS = 1_000;
const AT_ONCE = 500;
const RUNS = 50;
const USER = '@reader:test.example';

async function timed(what: string, ask: () => Promise<string>): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    await ask();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  console.log(`  ${what.padEnd(44)} median ${times[RUNS / 2]!.toFixed(2)} ms, worst ${times.at(-1)!.toFixed(1)}`);
}

async function fill({ roomCreation, timeline }: Services): Promise<{ roomId: string; root: string }> {
  const roomId = await roomCreation.create({ userId: USER, isAdmin: false }, { preset: 'public_chat' });
  const send = async (more: JsonObject = {}) => {
    const content = { msgtype: 'm.text', body: 'What people say', ...more };
    return (await timeline.send(roomId, { type: 'm.room.message', sender: USER, content })).eventId;
  };
  const related = (rel_type: string, event_id: string): JsonObject => ({ 'm.relates_to': { rel_type, event_id } });
  const root = await send();
  for (let i = 0; i < LONG; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => send(related('m.thread', root))));
  }
  const roots = await Promise.all(Array.from({ length: THREADS }, () => send()));
  await Promise.all(roots.map((id) => send(related('m.thread', id))));
  const newContent = { 'm.new_content': { msgtype: 'm.text', body: 'What they meant' } };
  await Promise.all(roots.map((id) => send({ ...newContent, ...related('m.replace', id) })));
  return { roomId, root };
}

async function measure(name: EngineName): Promise<void> {
  const database = await engine(name);
  const services = await openServices(database, new TestClock());
  const { roomId, root } = await fill(services);
  const { relationPages, threadList, messages } = services;
  const viewer = { userId: USER };
  console.log(name);
  const page = { dir: 'b' as const, limit: 50 };
  await timed(`50 of ${LONG} events of a thread`, () => relationPages.page(viewer, roomId, root, page));
  await timed('the same with relations of relations', () =>
    relationPages.page(viewer, roomId, root, { ...page, recurse: true }),
  );
  await timed(`50 of ${THREADS} threads`, () =>
    threadList.page(viewer, roomId, { include: 'all', from: undefined, limit: 50 }),
  );
  const request = { dir: 'b' as const, limit: THREADS, filter: compileRoomEventFilter() };
  let from: string | undefined;
  // Beyond the edits and the answers.
  for (const _ of ['edits', 'answers']) {
    from = (JSON.parse(await messages.page(viewer, roomId, { ...request, from })) as { end: string }).end;
  }
  await timed('100 messages with edit and thread each', () =>
    messages.page(viewer, roomId, { ...request, from, limit: 100 }),
  );
  await services.storage.close();
  await database.drop();
}

export async function run(): Promise<void> {
  for (const name of ['sqlite', 'postgres'] as const) await measure(name);
}
