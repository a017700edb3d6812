import { composeServices, type Services } from '../../src/homeserver.ts';
import { WriteSet } from '../../src/storage/contract/write-set.ts';
import { Loggers } from '../../src/util/logger.ts';
import { Metrics } from '../../src/util/metrics.ts';
import { systemRandom } from '../../src/util/random.ts';
import { migratedEngine, type Options, type TestEngine } from './engines.ts';
import { TestClock } from './test-clock.ts';

/** The services of a homeserver on a fresh database of the engine under test, without HTTP. */
export interface TestServices {
  readonly services: Services;
  readonly clock: TestClock;
  /** Makes devices of a user. */
  addDevices(userId: string, ...deviceIds: string[]): Promise<void>;
  /** Closes everything: whoever asks storage from now on gets an error. */
  close(): Promise<void>;
  /** Closes everything and opens it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The services of a homeserver on a database that the caller has made. */
export function openServices(database: TestEngine, clock: TestClock, options: Options = {}): Promise<Services> {
  return composeServices(database.config(options), {
    clock,
    random: systemRandom,
    loggers: new Loggers({ level: 'error', format: 'json' }),
    metrics: new Metrics({ process: false }),
  });
}

export async function startTestServices(options: Options = {}): Promise<TestServices> {
  const database = await migratedEngine();
  const clock = new TestClock();
  const start = () => openServices(database, clock, options);
  let services = await start();
  let isOpen = true;
  const close = async () => {
    if (isOpen) await services.storage.close();
    isOpen = false;
  };
  return {
    get services() {
      return services;
    },
    clock,
    async addDevices(userId, ...deviceIds) {
      const set = new WriteSet();
      for (const device_id of deviceIds) {
        set.add('devices.insert', {
          user_id: userId,
          device_id,
          display_name: `${device_id} of ${userId}`,
          created_at: clock.now(),
          last_seen_ts: null,
          last_seen_ip: null,
          last_seen_user_agent: null,
        });
      }
      await services.storage.commit(set);
    },
    close,
    async restart() {
      await close();
      services = await start();
      isOpen = true;
    },
    async stop() {
      await close();
      await database.drop();
    },
  };
}
