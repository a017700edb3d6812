import { createClient, type MatrixClient } from 'matrix-js-sdk';
import { Device, type DeviceOptions, type Session } from './device.ts';
import type { Homeserver } from './launch.ts';
import { quietLogger } from './quiet-logger.ts';

/** The people of one test file and their devices, all of which are stopped at its end. */
export class Cast {
  readonly #devices: Device[] = [];

  constructor(private readonly homeserver: Homeserver) {}

  /** Registers a user, whose first device syncs when this returns. */
  async register(name: string, options: DeviceOptions = {}): Promise<Device> {
    return this.#open(await registerSession(this.homeserver, name), options);
  }

  /** Logs a user in on one more device. */
  async logInAgain(device: Device, options: DeviceOptions = {}): Promise<Device> {
    return this.#open(await logIn(this.homeserver, device.userId, device.session.password), options);
  }

  /** Has somebody enter with a session that they have got otherwise. */
  enter(session: Session, options: DeviceOptions = {}): Promise<Device> {
    return this.#open(session, options);
  }

  /** Registers a user who acts but does not sync or encrypt: one of many in a crowd. */
  async bystander(name: string): Promise<MatrixClient> {
    const { baseUrl, userId, deviceId, accessToken } = await registerSession(this.homeserver, name);
    return createClient({ baseUrl, userId, deviceId, accessToken, logger: quietLogger() });
  }

  stop(): void {
    for (const device of this.#devices) device.stop();
  }

  async #open(session: Session, options: DeviceOptions): Promise<Device> {
    const device = new Device(session, options);
    this.#devices.push(device);
    return device.start();
  }
}

/** Registers a user with the `m.login.dummy` stage, and gives the session of the first device. */
export async function registerSession(homeserver: Homeserver, name: string): Promise<Session> {
  const password = `the password of ${name}`;
  const registered = await anonymous(homeserver).registerRequest({
    username: name,
    password,
    auth: { type: 'm.login.dummy' },
    initial_device_display_name: `first device of ${name}`,
  });
  const { user_id: userId, device_id: deviceId, access_token: accessToken } = registered;
  if (deviceId === undefined || accessToken === undefined) throw new Error('registration gave no session');
  return { baseUrl: homeserver.baseUrl, userId, deviceId, accessToken, password };
}

/** Logs in with a password, on a new device. */
export async function logIn(homeserver: Homeserver, userId: string, password: string): Promise<Session> {
  const answer = await anonymous(homeserver).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: userId },
    password,
    initial_device_display_name: `one more device of ${userId}`,
  });
  return {
    baseUrl: homeserver.baseUrl,
    userId: answer.user_id,
    deviceId: answer.device_id,
    accessToken: answer.access_token,
    password,
  };
}

/** A client that nobody is logged in with. */
export function anonymous(homeserver: Homeserver) {
  return createClient({ baseUrl: homeserver.baseUrl, logger: quietLogger() });
}
