/** Endpoints that are for the platform, and for administrators. */
import type { ApiRequest } from '../../http/api-request.ts';
import type { Requester } from '../../http/requester.ts';
import { forbidden, missingToken } from '../../protocol/errors.ts';
import type { LiveServices } from '../live-services.ts';
import type { Actor } from './live-action.ts';

interface Asked {
  readonly requester: Requester | undefined;
  readonly request: ApiRequest;
}

/** Whoever asks, the platform as the user of live rooms. @throws M_MISSING_TOKEN, M_FORBIDDEN */
export function actorOf({ platform, serviceUser }: LiveServices, { requester, request }: Asked): Actor {
  if (requester) return requester;
  if (!platform.isFrom(request)) throw missingToken();
  return { userId: serviceUser, deviceId: undefined, isAdmin: true };
}

/** @throws M_MISSING_TOKEN; M_FORBIDDEN for others than administrators and the platform */
export function platformOf(live: LiveServices, asked: Asked): Actor {
  const actor = actorOf(live, asked);
  if (!actor.isAdmin) throw forbidden('You are not a server administrator');
  return actor;
}
