/** What runs without a request: begun in order before anything is received, ended in order when nothing comes in any more. */
import type { Config } from '../config/schema.ts';
import type { Services, Surroundings } from '../homeserver.ts';
import { accountTasks } from '../workers/account-tasks.ts';
import { expiryTasks } from '../workers/expiry.ts';
import { federationTasks } from '../workers/federation-tasks.ts';
import { PeriodicTasks } from '../workers/periodic-tasks.ts';
import { pushTasks } from '../workers/push-tasks.ts';
import { searchTasks } from '../workers/search-tasks.ts';
import { userDataTasks } from '../workers/user-data-tasks.ts';

export interface Background {
  /** What waits until requests are answered. */
  begin(): Promise<void>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/** Goes on with what the last stop interrupted. The storage is closed if this server is not to run. */
export async function startBackground(config: Config, around: Surroundings, services: Services): Promise<Background> {
  const { storage } = services;
  try {
    await services.serverNotices.start();
  } catch (error) {
    await storage.close();
    throw error;
  }
  await services.forgetDevices.start();
  await services.departures.start();
  await services.erasure.start();
  await services.profileRooms.start();
  await services.guestDepartures.start();
  services.carryOver.start();
  await services.pushers.start();
  services.pushSender.start();
  services.eventDeliveries.start();
  await services.appserviceUsers.start();
  for (const extension of services.extensions) await extension.start();
  services.delayedEvents.start();
  const { clock } = around;
  const tasks = [
    ...expiryTasks(storage, clock, { transactionWindow: config.idempotency.window }),
    ...accountTasks(storage, clock, services),
    ...userDataTasks(services),
    ...federationTasks(storage, clock, services, config),
    ...searchTasks(services),
    ...pushTasks(services),
  ];
  const periodic = new PeriodicTasks(tasks, clock, around.loggers.named('workers'));
  if (config.federation.enabled) {
    await Promise.all([services.roomLanes.start(), services.deviceListResync.start(), services.stateJobs.start()]);
  }
  return {
    async begin() {
      if (config.federation.enabled) await services.outbox.start();
      periodic.start();
    },
    async stop() {
      await periodic.stop();
      await services.pushSender.stop();
      await services.eventDeliveries.stop();
      await services.delayedEvents.stop();
      await services.departures.stop();
      await Promise.all([services.erasure.stop(), services.profileRooms.stop(), services.guestDepartures.stop()]);
      for (const extension of services.extensions) await extension.stop();
      await services.consent.stop();
      await Promise.all([services.outbox.stop(), services.roomLanes.stop(), services.deviceListResync.stop()]);
      await services.carryOver.stop();
      await services.stateJobs.stop();
      services.typing.stop();
      await services.lastSeen.flush();
      await services.mediaUse.flush();
    },
  };
}
