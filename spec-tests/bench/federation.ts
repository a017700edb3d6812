/** Two homeservers in one process, over TLS: how long a message takes to the other one, and how many a second arrive. */
import { startTestFederation, type TestPeer } from '../support/test-federation.ts';

const SINGLES = 100;
const MESSAGES = 2_000;
const AT_ONCE = 50;

const context = {
  skip() {
    throw new Error('openssl is missing');
  },
} as unknown as Mocha.Context;

/** Resolves when the server has shown so many more messages. */
function arrivals(server: TestPeer, count: number): Promise<number> {
  const { notices, events } = server.homeserver.services;
  let left = count;
  return new Promise((resolve) => {
    notices.on('timeline', ({ eventNid }) => {
      if (events.peek(eventNid)?.type !== 'm.room.message') return;
      left -= 1;
      if (left === 0) resolve(performance.now());
    });
  });
}

const federation = await startTestFederation(context, 2);
const [here, there] = federation.servers as [TestPeer, TestPeer];
const alice = await here.register('alice');
const bob = await there.register('bob');
const { body: made } = await alice.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
const roomId: string = made.room_id;
await bob.ask('POST', `/v3/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(here.serverName)}`, {});
const say = (body: string) =>
  here.homeserver.services.timeline.send(roomId, {
    type: 'm.room.message',
    sender: alice.userId,
    content: { msgtype: 'm.text', body },
  });

const times: number[] = [];
for (let i = 0; i < SINGLES; i++) {
  const from = performance.now();
  const arrived = arrivals(there, 1);
  await say(`single ${i}`);
  times.push((await arrived) - from);
}
times.sort((a, b) => a - b);
const ms = (at: number) => times[Math.floor(times.length * at)]!.toFixed(1);
console.log(`a message takes ${ms(0.5)} ms to the other server (p50), ${ms(0.99)} ms (p99)`);

const from = performance.now();
const cpu = process.cpuUsage();
const all = arrivals(there, MESSAGES);
for (let i = 0; i < MESSAGES; i += AT_ONCE) {
  await Promise.all(Array.from({ length: AT_ONCE }, (_, k) => say(`message ${i + k}`)));
}
const seconds = ((await all) - from) / 1000;
const { user, system } = process.cpuUsage(cpu);
const each = (user + system) / 1000 / MESSAGES;
console.log(
  `${Math.round(MESSAGES / seconds)} messages a second, ${each.toFixed(2)} ms CPU each on both servers together`,
);
await federation.stop();
process.exit();
