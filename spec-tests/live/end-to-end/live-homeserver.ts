/** A whole homeserver with a channel, and viewers on real sockets. */
import type { ClientOptions } from 'ws';
import type { JsonObject } from '../../../src/protocol/json.ts';
import type { Options } from '../../support/engines.ts';
import { startTestHomeserver, type TestHomeserver, type TestUser } from '../../support/test-homeserver.ts';
import { TestViewer } from '../gateway/test-viewer.ts';

export const LIVE = '/unstable/online.beamify/live';
export const KAI = `${LIVE}/channels/kai`;

export interface LiveHomeserver {
  readonly server: TestHomeserver;
  readonly kai: TestUser;
  readonly roomId: string;
  /** Connects, signed in if a user is given, and waits for the snapshot. */
  watch(user?: TestUser, hello?: JsonObject): Promise<LiveViewer>;
  /** Lets time pass in which everybody answers. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const STEP_MS = 5000;

/** A viewer that asks and is answered, and that answers when it is asked whether it is there. */
export class LiveViewer extends TestViewer {
  #lastRequest = 0;

  constructor(url: string, options?: ClientOptions, protocols?: string[]) {
    super(url, options, protocols);
    this.ws.on('message', (data) => {
      if (String(data) === '{"op":"ping"}') this.send({ op: 'pong' });
    });
  }

  /** Sends a frame with the channel's number and waits for what answers it. */
  async ask(op: string, more: JsonObject = {}): Promise<JsonObject> {
    await this.frame('joined');
    // A channel that begins anew has another number.
    const { r } = this.frames.findLast((frame) => frame['op'] === 'joined')!;
    this.#lastRequest += 1;
    const i = this.#lastRequest;
    this.send({ op, i, r: r ?? null, ...more });
    const isAnswer = (frame: JsonObject) => frame['i'] === i && (frame['op'] === 'ok' || frame['op'] === 'err');
    await this.until(({ frames }) => frames.some(isAnswer));
    return this.frames.find(isAnswer)!;
  }

  say(body: string, txn = `t${this.#lastRequest}`): Promise<JsonObject> {
    return this.ask('send', { body, txn });
  }

  /** Entries of a kind that have been told. */
  entries(kind: string): JsonObject[] {
    return this.frames
      .filter(({ op }) => op === 't' || op === 'mt' || op === 'snap')
      .flatMap(({ ev }) => ((ev ?? []) as JsonObject[]).filter(({ k }) => k === kind));
  }

  async entry(kind: string): Promise<JsonObject> {
    await this.until((viewer) => viewer.entries(kind).length > 0);
    return this.entries(kind)[0]!;
  }
}

/** Ticks are told at once, and nobody is made to wait when the server stops. */
export const AT_ONCE = { tick: '0s', drain_time: '0s', close_time: '1s' };

/** The clock stands still. */
export async function startLiveHomeserver(options: Options = {}): Promise<LiveHomeserver> {
  const live = { ...AT_ONCE, ...(options['live'] as object | undefined) };
  return openChannel(await startTestHomeserver({ ...options, live }));
}

/** Makes the channel `kai` on a server. */
export async function openChannel(server: TestHomeserver): Promise<LiveHomeserver> {
  const kai = await server.register('kai');
  const made = await kai.ask('POST', `${LIVE}/channels`, { handle: 'kai', name: 'Kai' });
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  const viewers: LiveViewer[] = [];
  return {
    server,
    kai,
    roomId: made.body.room_id,
    async watch(user, hello = {}) {
      const viewer = new LiveViewer(gatewayUrl(server));
      viewers.push(viewer);
      await viewer.opened();
      const ticket = user && (await user.ask('POST', `${LIVE}/ticket`)).body.ticket;
      viewer.hello({ subs: [{ ch: 'kai' }], ...(ticket === undefined ? {} : { ticket }), ...hello });
      await viewer.until(
        ({ frames, closeCode }) => closeCode !== undefined || frames.some(({ op }) => op === 'joined'),
      );
      return viewer;
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        server.clock.advance(Math.min(left, STEP_MS));
        await server.ask('GET', '/versions');
      }
    },
    async stop() {
      for (const { ws } of viewers) ws.terminate();
      await server.stop();
    },
  };
}

export function gatewayUrl({ url }: TestHomeserver): string {
  return `${url.replace('http', 'ws')}/_matrix/client${LIVE}/gateway`;
}
