/** Gateways in processes of their own beside a homeserver with a channel: run in this process, on real sockets. */
import { extensionProcesses } from '../../../src/homeserver/extensions.ts';
import { type StartedProcess, startProcess } from '../../../src/homeserver/start-process.ts';
import type { JsonObject } from '../../../src/protocol/json.ts';
import { Loggers } from '../../../src/util/logger.ts';
import { Metrics } from '../../../src/util/metrics.ts';
import { systemRandom } from '../../../src/util/random.ts';
import type { Options } from '../../support/engines.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import type { TestClock } from '../../support/test-clock.ts';
import { startTestHomeserver, type TestUser } from '../../support/test-homeserver.ts';
import { AT_ONCE, KAI, LIVE, type LiveHomeserver, LiveViewer, openChannel } from './live-homeserver.ts';

export const GATEWAY_SECRET = 'secret-of-the-gateways-of-the-tests';

/** Nothing that is counted waits for long, and no viewer is asked whether it is there. */
const SOON = {
  ...AT_ONCE,
  sums_interval: '50ms',
  viewers_interval: '100ms',
  gateway_secret: GATEWAY_SECRET,
  idle_time: '1m',
  // Tests let time pass faster than anybody answers.
  link_heartbeat: '10m',
};

export interface TestGateway {
  readonly url: string;
  /** What was logged, a line each. */
  readonly lines: readonly string[];
  watch(user?: TestUser, hello?: JsonObject): Promise<LiveViewer>;
  /** How many questions it has asked the server, by what they are about. */
  questions(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

export class LiveGateways {
  readonly live: LiveHomeserver;
  readonly #options: Options;
  readonly #started: StartedProcess[] = [];
  readonly #viewers: LiveViewer[] = [];

  private constructor(live: LiveHomeserver, options: Options) {
    this.live = live;
    this.#options = options;
  }

  static async start(redis: RedisServer, clock?: TestClock): Promise<LiveGateways> {
    const options = { redis: { url: redis.url }, live: SOON };
    const server = await startTestHomeserver(options, undefined, clock);
    return new LiveGateways(await openChannel(server), options);
  }

  /** The options of the homeserver that gateways read, too. */
  get options(): Options {
    return { ...this.#options, live: { ...SOON, gateway_server: this.live.server.url } };
  }

  /** Gateways that are linked. */
  get linked(): number {
    return this.live.server.homeserver.services.live.gateways.size;
  }

  /** A gateway that is linked. */
  async gateway(live: Options = {}): Promise<TestGateway> {
    const before = this.linked;
    const gateway = await this.unlinked(live);
    await this.until(() => this.linked > before);
    return gateway;
  }

  async unlinked(live: Options = {}): Promise<TestGateway> {
    const { server } = this.live;
    const lines: string[] = [];
    const metrics = new Metrics({ process: false });
    const config = server.engine.config({
      ...this.#options,
      live: { ...SOON, gateway_server: server.url, ...live },
    });
    const started = await startProcess(
      extensionProcesses.find(({ command }) => command === 'live-gateway')!,
      config,
      {
        ...{ clock: server.clock, random: systemRandom, metrics },
        loggers: new Loggers({ level: 'debug', format: 'json', write: (line) => lines.push(line) }),
      },
      { bind: '127.0.0.1', port: 0, metricsPort: 0 },
    );
    this.#started.push(started);
    const url = started.urls[0]!;
    return {
      ...{ url, lines, watch: (user, hello) => this.watch(url, user, hello), stop: () => this.#stop(started) },
      async questions() {
        const counts = (await metrics.text()).body.matchAll(/^igchat_live_link_questions\{about="(\w+)"\} (\d+)$/gm);
        return new Map([...counts].map(([, about, count]) => [about!, Number(count)]));
      },
    };
  }

  /** Connects to a gateway, signed in if a user is given. */
  async watch(url: string, user?: TestUser, hello: JsonObject = {}): Promise<LiveViewer> {
    const viewer = new LiveViewer(`${url.replace('http', 'ws')}/_matrix/client${LIVE}/gateway`);
    this.#viewers.push(viewer);
    await viewer.opened();
    const ticket = user && (await user.ask('POST', `${LIVE}/ticket`)).body.ticket;
    viewer.hello({ subs: [{ ch: 'kai' }], ...(ticket === undefined ? {} : { ticket }), ...hello });
    await viewer.until(({ frames, closeCode }) => closeCode !== undefined || frames.some(({ op }) => op === 'joined'));
    return viewer;
  }

  /** Lets time pass until it is so. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await this.live.pass(20);
  }

  /** The viewers that the channel is said to have. */
  async viewers(): Promise<number> {
    return (await this.live.server.ask('GET', KAI)).body.viewer_count;
  }

  /** Cuts all viewers, and waits until nobody is said to watch. */
  async leave(): Promise<void> {
    for (const { ws } of this.#viewers.splice(0)) ws.terminate();
    await this.until(async () => (await this.viewers()) === 0);
  }

  async stop(): Promise<void> {
    for (const { ws } of this.#viewers) ws.terminate();
    for (const started of [...this.#started]) await this.#stop(started);
    await this.live.stop();
  }

  async #stop(started: StartedProcess): Promise<void> {
    const at = this.#started.indexOf(started);
    if (at < 0) return;
    this.#started.splice(at, 1);
    await started.stop();
  }
}
