import { forbidden, unknownDevice, userDeactivated } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/identifiers/device-id.ts';
import type { UserId } from '../../protocol/identifiers/user-id.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Devices } from '../devices/devices.ts';
import type { Appservice, Appservices } from './appservices.ts';

/** As whom an application service acts in one request. */
export interface AppserviceIdentity {
  readonly userId: UserId;
  readonly deviceId?: DeviceId;
  readonly isGuest: boolean;
  readonly isAdmin: boolean;
  readonly isSuspended: boolean;
  readonly isLocked: boolean;
  readonly appserviceId: string;
  readonly isRateLimited: boolean;
}

/** Where an application service says as whom it acts. */
export interface IdentityAssertion {
  queryParam(name: string): string | undefined;
}

/**
 * Finds out as whom an application service acts.
 * Source: https://spec.matrix.org/v1.19/application-service-api/#identity-assertion
 */
export class AppserviceAuthenticator {
  private readonly appservices: Appservices;
  private readonly accounts: Accounts;
  private readonly devices: Devices;

  constructor(appservices: Appservices, accounts: Accounts, devices: Devices) {
    this.appservices = appservices;
    this.accounts = accounts;
    this.devices = devices;
  }

  /**
   * Undefined if the token is that of no application service.
   * @throws M_FORBIDDEN for users that are not its own, or that are not registered; M_UNKNOWN_DEVICE
   */
  accessToken(token: string, request: IdentityAssertion): Promise<AppserviceIdentity> | undefined {
    const appservice = this.appservices.byToken(token);
    return appservice && this.identify(appservice, request);
  }

  private async identify(appservice: Appservice, request: IdentityAssertion): Promise<AppserviceIdentity> {
    const userId = request.queryParam('user_id') ?? appservice.sender;
    if (!this.appservices.mayActAs(appservice, userId)) {
      throw forbidden('This user is not in the namespaces of the application service');
    }
    const account = await this.accounts.get(userId);
    if (account === undefined) throw forbidden('The application service has not registered this user');
    if (account.isDeactivated) throw userDeactivated();
    const deviceId = request.queryParam('device_id') ?? request.queryParam('org.matrix.msc3202.device_id');
    if (deviceId !== undefined && !(await this.devices.get(userId, deviceId))) throw unknownDevice();
    const { isAdmin, isSuspended, isLocked } = account;
    return {
      userId: account.userId,
      ...(deviceId === undefined ? {} : { deviceId: deviceId as DeviceId }),
      isGuest: false,
      ...{ isAdmin, isSuspended, isLocked },
      appserviceId: appservice.id,
      isRateLimited: appservice.isRateLimited && userId !== appservice.sender,
    };
  }
}
