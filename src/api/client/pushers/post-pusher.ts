import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import type { JsonObject } from '../../../protocol/json.ts';
import type { Pushers } from '../../../services/push/pushers.ts';

const text = Type.Optional(Type.String());

/** `POST /_matrix/client/v3/pushers/set` · https://spec.matrix.org/v1.19/client-server-api/#post_matrixclientv3pushersset */
export const postPusher = endpoint({
  name: 'postPusher',
  summary: 'Says where notifications are to be sent, or no more',
  method: 'post',
  paths: ['/_matrix/client/r0/pushers/set', '/_matrix/client/v3/pushers/set'],
  auth: 'accessToken',
  rateLimit: 'general',
  allow: { suspended: true },
  body: Type.Object({
    app_id: Type.String(),
    pushkey: Type.String(),
    kind: Type.Union([Type.String(), Type.Null()]),
    app_display_name: text,
    device_display_name: text,
    profile_tag: text,
    lang: text,
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    append: Type.Optional(Type.Boolean()),
    'org.matrix.msc3881.enabled': Type.Optional(Type.Boolean()),
  }),
  async handle({ body, requester }, { pushers }: { pushers: Pushers }) {
    const enabled = body['org.matrix.msc3881.enabled'];
    await pushers.set(requester, { ...body, data: body.data as JsonObject | undefined, enabled });
    return {};
  },
});
