/** What logging in and registering have in common. */
import Type from 'typebox';
import type { NewSession, NewTokens, SessionOptions } from '../../../services/sessions/sessions.ts';

/** A text that some clients send as `null` where they mean nothing. */
export const textOrNull = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** Keys of a body that ask for a session. */
export const sessionBody = {
  device_id: textOrNull,
  initial_device_display_name: textOrNull,
  refresh_token: Type.Optional(Type.Boolean()),
};

export function sessionOptions(body: {
  device_id?: string | null;
  initial_device_display_name?: string | null;
  refresh_token?: boolean;
}): SessionOptions {
  return {
    deviceId: body.device_id ?? undefined,
    displayName: body.initial_device_display_name ?? undefined,
    canRefresh: body.refresh_token,
  };
}

export function tokensBody(tokens: NewTokens) {
  return {
    access_token: tokens.accessToken,
    ...(tokens.refreshToken === undefined ? {} : { refresh_token: tokens.refreshToken }),
    ...(tokens.expiresInMs === undefined ? {} : { expires_in_ms: tokens.expiresInMs }),
  };
}

export function newSessionBody(session: NewSession) {
  return { device_id: session.deviceId, ...tokensBody(session) };
}
