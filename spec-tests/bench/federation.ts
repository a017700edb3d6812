/**
 * Federation, with servers as processes of their own: events that a peer sends, the way of a message to another server,
 * and joining a large room of another server. CPU is that of the server's process; what other servers sign is signed before.
 */
import { readFileSync } from 'node:fs';
import { registerSession } from '../clients/support/cast.ts';
import { type Homeserver, launchHomeserver } from '../clients/support/launch.ts';
import { PlainSession, roomPath } from '../clients/support/plain-session.ts';
import { makeCa } from '../support/certificates.ts';
import { HostileRoom } from '../support/hostile-room.ts';
import { HostileServer } from '../support/hostile-server.ts';
import { ScriptedResident } from '../support/scripted-resident.ts';

const MEMBERS = Number(process.env['BENCH_MEMBERS'] ?? 5_000);
const PDUS = 5_000;
const PDUS_OF_TRANSACTION = 50;
const ROOMS = 10;
const SINGLES = 200;
const MESSAGES = 2_000;
const AT_ONCE = 50;
const TICKS_PER_SECOND = 100;

const context = {
  skip() {
    throw new Error('openssl is missing');
  },
} as unknown as Mocha.Context;

/** Milliseconds of CPU that a process has used, of all its threads. */
function cpuOf({ pid }: Homeserver): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** Runs something, and gives its seconds and the milliseconds of CPU of each server. */
async function measured(servers: readonly Homeserver[], run: () => Promise<void>) {
  const [from, before] = [performance.now(), servers.map(cpuOf)];
  await run();
  const seconds = (performance.now() - from) / 1_000;
  return { seconds, cpu: servers.map((server, i) => cpuOf(server) - before[i]!) };
}

async function open(server: Homeserver, name: string): Promise<PlainSession> {
  return new PlainSession(await registerSession(server, name));
}

function join(session: PlainSession, roomId: string, via: string): Promise<unknown> {
  return session.ok('POST', `/join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(via)}`, {});
}

/** Follows a room by `/sync`; calls back for each message when the answer is here, until that says so. */
async function follow(
  session: PlainSession,
  roomId: string,
  from: string,
  onMessage: (body: string) => boolean,
): Promise<void> {
  for (let since = from; ; ) {
    const answer = await session.sync({ since, timeout: 30_000, limit: 1_000 });
    since = answer.next_batch;
    for (const event of answer.rooms?.join?.[roomId]?.timeline.events ?? []) {
      if (event.type === 'm.room.message' && onMessage(String(event.content['body']))) return;
    }
  }
}

const each = (ms: number, count: number) => `${(ms / count).toFixed(2)} ms CPU each`;

/** Transactions of a peer that is in rooms with one user of the server. */
async function receiving(server: Homeserver, peer: HostileServer, roomCount: number): Promise<void> {
  const now = Date.now;
  const alice = await open(server, `reader-of-${roomCount}`);
  const rooms = Array.from({ length: roomCount }, () => new HostileRoom(peer, { now }));
  const residents = rooms.map((room) => new ScriptedResident(peer, room));
  for (const { room } of residents) await join(alice, room.id, peer.name);
  const transactions: object[] = [];
  for (let n = 0; n < PDUS; n += PDUS_OF_TRANSACTION) {
    const events = Array.from({ length: PDUS_OF_TRANSACTION }, (_, i) =>
      rooms[i % rooms.length]!.add({ type: 'm.room.message', content: { msgtype: 'm.text', body: `number ${n + i}` } }),
    );
    const pdus = events.map(({ pdu }) => pdu);
    transactions.push({ origin: peer.name, origin_server_ts: now(), pdus });
  }
  const last = rooms.map((room) => room.events.at(-1)!.eventId);
  const { seconds, cpu } = await measured([server], async () => {
    for (const [i, transaction] of transactions.entries()) {
      const { status, body } = await peer.ask(server, 'PUT', `/send/${roomCount}-${now()}-${i}`, transaction);
      if (status !== 200 || Object.keys(body.pdus).length !== PDUS_OF_TRANSACTION)
        throw new Error(JSON.stringify(body));
    }
    for (const [i, room] of rooms.entries()) {
      await alice.ok('GET', `${roomPath(room.id)}/event/${encodeURIComponent(last[i]!)}`);
    }
  });
  console.log(
    `${PDUS} PDUs of a peer in ${roomCount} room${roomCount === 1 ? '' : 's'}: ` +
      `${Math.round(PDUS / seconds)} a second, ${each(cpu[0]!, PDUS)}`,
  );
}

async function crossing(here: Homeserver, there: Homeserver): Promise<void> {
  const [alice, bob] = [await open(here, 'alice'), await open(there, 'bob')];
  const { room_id: roomId } = await alice.ok<{ room_id: string }>('POST', '/createRoom', { preset: 'public_chat' });
  await join(bob, roomId, here.serverName);
  const say = (body: string) =>
    alice.ok('PUT', `${roomPath(roomId)}/send/m.room.message/${encodeURIComponent(body)}`, { msgtype: 'm.text', body });

  const times: number[] = [];
  let arrived: (body: string) => void = () => undefined;
  const { next_batch: from } = await bob.sync({ limit: 1 });
  const following = follow(bob, roomId, from, (body) => {
    arrived(body);
    return body === 'the end';
  });
  for (let n = 0; n < SINGLES; n++) {
    const from = performance.now();
    const here = new Promise<void>((resolve) => {
      arrived = (body) => body === `single ${n}` && resolve();
    });
    await say(`single ${n}`);
    await here;
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const ms = (at: number) => times[Math.floor(times.length * at)]!.toFixed(1);
  console.log(`from sending a message to the /sync on the other server: ${ms(0.5)} ms (p50), ${ms(0.99)} ms (p99)`);

  const { seconds, cpu } = await measured([here, there], async () => {
    for (let n = 0; n < MESSAGES; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => say(`message ${n + i}`)));
    }
    await say('the end');
    await following;
  });
  console.log(
    `${Math.round(MESSAGES / seconds)} messages a second from one server to the other: ` +
      `${each(cpu[0]!, MESSAGES)} where they are sent, ${each(cpu[1]!, MESSAGES)} where they arrive`,
  );
}

async function joining(server: Homeserver, peer: HostileServer): Promise<void> {
  const room = new HostileRoom(peer, { now: Date.now });
  const resident = new ScriptedResident(peer, room);
  for (let n = 1; n < MEMBERS; n++) resident.member(`member${n}`);
  const carol = await open(server, 'carol');
  const { seconds, cpu } = await measured([server], async () => {
    await join(carol, room.id, peer.name);
  });
  console.log(
    `joining a room of ${MEMBERS} members of another server: ${seconds.toFixed(1)} s, ` +
      `${(cpu[0]! / 1_000).toFixed(1)} s CPU`,
  );
}

export async function run(): Promise<void> {
  const ca = makeCa(context);
  const servers = await Promise.all([launchHomeserver({ ca }), launchHomeserver({ ca })]);
  const peer = await HostileServer.start({ ca });
  try {
    const [here, there] = servers;
    await receiving(here, peer, 1);
    await receiving(here, peer, ROOMS);
    await crossing(here, there);
    await joining(there, peer);
  } finally {
    await peer.stop();
    await Promise.all(servers.map((server) => server.remove()));
    ca.remove();
  }
}
