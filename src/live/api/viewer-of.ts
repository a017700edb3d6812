/** Who watches or chats by HTTP: by an access token, or by a pass of the channel, `Authorization: Live …`. */
import type { ApiRequest } from '../../http/api-request.ts';
import type { Requester } from '../../http/requester.ts';
import { missingToken, unknownToken } from '../../protocol/errors.ts';
import type { LiveServices } from '../live-services.ts';
import type { Account } from './gateway/access.ts';

const SCHEME = /^live +(\S{1,512})$/i;

export interface Asked {
  readonly params: { readonly channel: string };
  readonly requester: Requester | undefined;
  readonly request: ApiRequest;
}

/** Undefined for nobody. @throws M_UNKNOWN_TOKEN for a pass that is not good here */
export function viewerOf(live: LiveServices, { params, requester, request }: Asked): Account | undefined {
  if (requester) return { userId: requester.userId, deviceId: requester.deviceId ?? '' };
  const { authorization = '', origin } = request.headers;
  const pass = SCHEME.exec(authorization)?.[1];
  if (pass === undefined) return undefined;
  const { channelId } = live.book.get(params.channel).live;
  const holder = live.passes.holder(pass, { channelId, origin, isReading: request.method === 'GET' });
  if (!holder) throw unknownToken({ text: 'The pass is not good any more' });
  return holder;
}

/** @throws M_MISSING_TOKEN, M_UNKNOWN_TOKEN */
export function accountOf(live: LiveServices, asked: Asked): Account {
  const account = viewerOf(live, asked);
  if (!account) throw missingToken();
  return account;
}
