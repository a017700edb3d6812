import { type Homeserver, startHomeserver } from '../../src/homeserver.ts';
import { Loggers } from '../../src/util/logger.ts';
import { Metrics } from '../../src/util/metrics.ts';
import { systemRandom } from '../../src/util/random.ts';
import { validateAnswer } from './answer-validator.ts';
import { migratedEngine, type Options, type TestEngine } from './engines.ts';
import { TestClock } from './test-clock.ts';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers field by field and assert what they find
  readonly body: any;
}

/** A person of a test, with a session. */
export interface TestUser {
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
  /** Asks as this user. `path` is below `/_matrix/client`, or absolute if it starts with `/_`. */
  ask(method: string, path: string, body?: unknown): Promise<Answered>;
}

export interface TestHomeserver {
  readonly homeserver: Homeserver;
  readonly url: string;
  readonly clock: TestClock;
  readonly engine: TestEngine;
  /** What was logged, a line each. */
  readonly lines: readonly string[];
  ask(method: string, path: string, options?: { token?: string; body?: unknown }): Promise<Answered>;
  register(localpart: string): Promise<TestUser>;
  login(localpart: string, deviceId?: string): Promise<TestUser>;
  /** Stops, until it is restarted. */
  halt(): Promise<void>;
  /** Stops and starts again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const TEST_PASSWORD = 'correct horse battery staple';

/**
 * A whole homeserver in this process, on a fresh database of the engine under test or the one that is given, with a clock
 * of its own unless one is given.
 */
export async function startTestHomeserver(
  options: Options = {},
  given?: TestEngine,
  clock = new TestClock(),
): Promise<TestHomeserver> {
  const database = given ?? (await migratedEngine());
  const lines: string[] = [];
  const start = () =>
    startHomeserver(database.config(options), {
      clock,
      random: systemRandom,
      loggers: new Loggers({ level: 'debug', format: 'json', write: (line) => lines.push(line) }),
      metrics: new Metrics({ process: false }),
      onAnswer: validateAnswer,
    });
  let homeserver = await start();
  let isRunning = true;
  const halt = async () => {
    if (isRunning) await homeserver.stop();
    isRunning = false;
  };
  const ask: TestHomeserver['ask'] = async (method, path, { token, body } = {}) => {
    const response = await fetch(
      homeserver.urls[0] + (path.startsWith('/_') || path.startsWith('/.') ? path : `/_matrix/client${path}`),
      {
        method,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : jsonOrText(text) };
  };
  const session = (body: { user_id: string; access_token: string; device_id: string }): TestUser => ({
    userId: body.user_id,
    accessToken: body.access_token,
    deviceId: body.device_id,
    ask: (method, path, asked) =>
      ask(method, path, { token: body.access_token, ...(asked === undefined ? {} : { body: asked }) }),
  });
  return {
    get homeserver() {
      return homeserver;
    },
    get url() {
      return homeserver.urls[0]!;
    },
    clock,
    engine: database,
    lines,
    ask,
    async register(localpart) {
      const answer = await ask('POST', '/v3/register', {
        body: { username: localpart, password: TEST_PASSWORD, auth: { type: 'm.login.dummy' } },
      });
      if (answer.status !== 200) throw new Error(`registering ${localpart}: ${JSON.stringify(answer.body)}`);
      return session(answer.body);
    },
    async login(localpart, deviceId) {
      const answer = await ask('POST', '/v3/login', {
        body: {
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: localpart },
          password: TEST_PASSWORD,
          ...(deviceId === undefined ? {} : { device_id: deviceId }),
        },
      });
      if (answer.status !== 200) throw new Error(`logging in as ${localpart}: ${JSON.stringify(answer.body)}`);
      return session(answer.body);
    },
    halt,
    async restart() {
      await halt();
      homeserver = await start();
      isRunning = true;
    },
    async stop() {
      await halt();
      await database.drop();
    },
  };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
