import Type from 'typebox';
import { jsonObject } from '../../../http/schemas.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import { liveAction } from '../live-action.ts';

const TAKEN_OVER = ['title', 'category', 'language', 'mature', 'stream', 'embed'] as const;

/** `PUT …/channels/{channel}/session` */
export const changeSession = liveAction({
  name: 'changeSession',
  does: 'session',
  summary: 'Starts, ends or announces a stream, or changes what is told of it',
  method: 'put',
  path: '/session',
  isForPlatform: true,
  args: Type.Object({
    status: Type.Optional(Type.Enum(['offline', 'scheduled', 'live', 'ended'])),
    // Seconds after which the session is over, unless this is said again.
    heartbeat: Type.Optional(Type.Integer({ minimum: 10, maximum: 3600 })),
    scheduled_at: Type.Optional(Type.Integer({ minimum: 0 })),
    title: Type.Optional(Type.String({ maxLength: 200 })),
    category: Type.Optional(Type.String({ maxLength: 100 })),
    language: Type.Optional(Type.String({ maxLength: 35 })),
    mature: Type.Optional(Type.Boolean()),
    viewers: Type.Optional(Type.Enum(['anyone', 'signed_in', 'members'])),
    stream: Type.Optional(jsonObject),
    embed: Type.Optional(
      Type.Object({
        origins: Type.Optional(Type.Array(Type.String({ maxLength: 255 }), { maxItems: 50 })),
        overlay: Type.Optional(Type.Boolean()),
      }),
    ),
  }),
  async run({ control, views, book }, by, { live }, args) {
    const more: JsonObject = {};
    for (const key of TAKEN_OVER) if (args[key] !== undefined) more[key] = args[key] as JsonObject;
    const { status, viewers, heartbeat, scheduled_at: scheduledAt } = args;
    const heartbeatMs = heartbeat === undefined ? undefined : heartbeat * 1000;
    await control.changeSession(by.userId, live, { status, viewers, scheduledAt, heartbeatMs, more });
    return views.card(book.get(live.channelId));
  },
});
