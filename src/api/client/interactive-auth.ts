/** What the endpoints share that ask people to prove who they are. */
import Type from 'typebox';
import { json, type Reply } from '../../http/reply.ts';
import type { Requester } from '../../http/requester.ts';
import { jsonObject } from '../../http/schemas.ts';
import type { JsonObject } from '../../protocol/json.ts';
import type { InteractiveAuth } from '../../services/sessions/interactive-auth.ts';

/** The key `auth` of a body; some clients send `null` before they know what to prove. */
export const authData = Type.Optional(Type.Union([jsonObject, Type.Null()]));

/** 401 with the flows. Source: https://spec.matrix.org/v1.19/client-server-api/#user-interactive-api-in-the-rest-api */
export function challengeReply(challenge: JsonObject): Reply {
  return json(401, challenge);
}

/**
 * The reply that asks for the password, or undefined once the owner of the account has confirmed the operation.
 * Application services have nobody to ask.
 */
export async function askOwner(
  interactiveAuth: InteractiveAuth,
  requester: Requester,
  operation: string,
  body: JsonObject,
): Promise<Reply | undefined> {
  if (requester.appserviceId !== undefined) return undefined;
  const { challenge } = await interactiveAuth.confirm(requester.userId, operation, body);
  return challenge && challengeReply(challenge);
}
