import assert from 'node:assert/strict';
import fc from 'fast-check';
import { registry } from '../../src/api/registry.ts';
import { extensionEndpoints } from '../../src/homeserver/extensions.ts';
import type { Endpoint } from '../../src/http/endpoint.ts';
import { type FuzzRequest, FuzzRequests, type KnownThings } from '../support/fuzz-requests.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../support/test-homeserver.ts';

/** Requests an endpoint; `FUZZ_RUNS=1000 FUZZ_SEED=$RANDOM` looks further. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 12);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_26);

/** Answers that go on for as long as somebody reads them. */
const ENDLESS = new Set(['streamLiveEvents']);

/** Real milliseconds after which time is moved on, for those who wait for it, and after which a request hangs. */
const WAIT_MS = 150;
const HANG_MS = 15_000;

describe('any request', () => {
  let server: TestHomeserver;
  let user: TestUser;
  let users = 0;
  let requests: FuzzRequests;

  async function newUser(): Promise<TestUser> {
    users += 1;
    return server.register(`fuzz${users}`);
  }

  async function knownThings(): Promise<KnownThings> {
    const { body: room } = await user.ask('POST', '/v3/createRoom', { preset: 'public_chat' });
    const sent = await user.ask('PUT', `/v3/rooms/${room.room_id}/send/m.room.message/t`, {
      msgtype: 'm.text',
      body: 'a',
    });
    await user.ask('POST', '/unstable/online.beamify/live/channels', { handle: 'fuzz', name: 'Fuzz' });
    return {
      others: { channel: ['fuzz'] },
      roomIds: [room.room_id],
      userIds: [user.userId],
      eventIds: [sent.body.event_id],
      serverName: user.userId.slice(user.userId.indexOf(':') + 1),
    };
  }

  before(async function () {
    this.timeout(30_000);
    server = await startTestHomeserver();
    user = await newUser();
    requests = new FuzzRequests(await knownThings());
  });
  after(() => server.stop());

  async function send({ method, target, body, withToken }: FuzzRequest): Promise<number> {
    const signal = AbortSignal.timeout(HANG_MS);
    const headers = withToken ? { authorization: `Bearer ${user.accessToken}` } : {};
    const init = { method, headers, signal, redirect: 'manual' as const };
    const answer = fetch(server.url + target, body === undefined ? init : { ...init, body });
    const impatience = setInterval(() => server.clock.advance(60_000), WAIT_MS);
    try {
      const response = await answer;
      const text = await response.text();
      // Some endpoints end the session: the next request needs another.
      if (response.status === 401 && withToken && text.includes('M_UNKNOWN_TOKEN')) user = await newUser();
      return response.status;
    } finally {
      clearInterval(impatience);
    }
  }

  const all: readonly Endpoint<never>[] = [...registry, ...extensionEndpoints];
  for (const endpoint of all.filter(({ name }) => !ENDLESS.has(name))) {
    it(`to ${endpoint.name} is answered, and not with an internal error`, async function () {
      this.timeout(60_000);
      const property = fc.asyncProperty(requests.of(endpoint), async (request) => {
        const status = await send(request);
        assert.notEqual(status, 500, server.lines.at(-1));
      });
      await fc.assert(property, { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: 50_000 });
    });
  }
});
