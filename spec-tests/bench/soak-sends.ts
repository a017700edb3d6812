/**
 * Sends without a pause, for `SOAK_SECONDS` (600 if it is not set): is there ever a stall, such as that of a checkpoint, and
 * what does the memory do?
 */
import { readFileSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { launchHomeserver } from '../clients/support/launch.ts';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 600);
const ROOMS = 20;
/** Milliseconds that the longest send may take, and those without the answer to any. */
const BAR = 250;
const REPORTS = 10;
const V3 = '/_matrix/client/v3';

class Sender {
  private readonly agent = new Agent({ keepAlive: true });
  private token = '';
  private roomId = '';

  constructor(private readonly baseUrl: string) {}

  async start(username: string): Promise<void> {
    const account = { username, password: 'of the bench', auth: { type: 'm.login.dummy' } };
    this.token = (await this.call('POST', '/register', account))['access_token'] as string;
    this.roomId = (await this.call('POST', '/createRoom', { preset: 'public_chat' }))['room_id'] as string;
  }

  async send(n: number): Promise<void> {
    const path = `/rooms/${encodeURIComponent(this.roomId)}/send/m.room.message/${n}`;
    await this.call('PUT', path, { msgtype: 'm.text', body: `message number ${n}, of a usual length for chat` });
  }

  private call(method: string, path: string, body: unknown): Promise<Record<string, unknown>> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${this.token}` };
      const sent = request(`${this.baseUrl}${V3}${path}`, { method, agent: this.agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>);
          else reject(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(body));
    });
  }
}

/** What was seen since the last report. */
class Tally {
  sends = 0;
  slowest = 0;
  /** Longest time without any answer. */
  gap = 0;
  private lastAnswer = performance.now();

  answered(took: number): void {
    const now = performance.now();
    this.sends += 1;
    this.slowest = Math.max(this.slowest, took);
    this.gap = Math.max(this.gap, now - this.lastAnswer);
    this.lastAnswer = now;
  }
}

function residentMiB(pid: number): number {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

function report(tally: Tally, seconds: number, from: { pid: number; dataDir: string }): void {
  const log = statSync(join(from.dataDir, 'homeserver.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
  const isOver = Math.max(tally.slowest, tally.gap) > BAR;
  console.log(
    `${(tally.sends / seconds).toFixed(0)} sends/s, slowest ${tally.slowest.toFixed(0)} ms, ` +
      `longest without an answer ${tally.gap.toFixed(0)} ms, ${residentMiB(from.pid).toFixed(0)} MiB resident, ` +
      `write-ahead log ${(log / 1e6).toFixed(0)} MB${isOver ? ` over ${BAR} ms!` : ''}`,
  );
}

export async function run(): Promise<void> {
  const homeserver = await launchHomeserver();
  try {
    const senders = Array.from({ length: ROOMS }, () => new Sender(homeserver.baseUrl));
    for (const [i, sender] of senders.entries()) await sender.start(`sender.${i}`);
    const each = SECONDS / REPORTS;
    const start = performance.now();
    let tally = new Tally();
    const isOver = () => performance.now() - start > SECONDS * 1_000;
    const reports = setInterval(() => {
      const before = tally;
      tally = new Tally();
      report(before, each, { pid: homeserver.pid!, dataDir: homeserver.dataDir });
    }, each * 1_000);
    await Promise.all(
      senders.map(async (sender) => {
        for (let n = 0; !isOver(); n++) {
          const began = performance.now();
          await sender.send(n);
          tally.answered(performance.now() - began);
        }
      }),
    );
    clearInterval(reports);
  } finally {
    await homeserver.remove();
  }
}
