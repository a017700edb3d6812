import Type, { type Static } from 'typebox';
import { jsonObject } from '../../../http/schemas.ts';
import type { ServerNotice } from '../../../services/server-notices/server-notices.ts';

export const noticeBody = Type.Object({
  user_id: Type.String(),
  content: jsonObject,
  type: Type.Optional(Type.String()),
  state_key: Type.Optional(Type.String()),
});

export function noticeIn(body: Static<typeof noticeBody>): ServerNotice {
  return { userId: body.user_id, type: body.type ?? 'm.room.message', stateKey: body.state_key, content: body.content };
}
