import Type from 'typebox';
import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { ThirdPartyInvites } from '../../../services/membership/third-party-invites.ts';

/** Each invite is a request to another server, and nobody has to prove who they are to ask for it. */
const MAX_INVITES = 20;

/** `PUT /_matrix/federation/v1/3pid/onbind` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv13pidonbind */
export const onBindThirdPartyIdentifier = endpoint({
  name: 'onBindThirdPartyIdentifier',
  summary: 'Tells that an address, which may have been invited to rooms, now belongs to a user of this server',
  method: 'put',
  paths: ['/_matrix/federation/v1/3pid/onbind'],
  auth: 'none',
  rateLimit: 'federation',
  body: Type.Object({
    medium: Type.String(),
    address: Type.String(),
    mxid: Type.String({ pattern: '^@' }),
    invites: Type.Array(
      Type.Object({
        room_id: Type.String({ pattern: '^!' }),
        sender: Type.String({ pattern: '^@' }),
        signed: jsonObject,
      }),
      { maxItems: MAX_INVITES },
    ),
  }),
  async handle({ body }, { thirdPartyInvites }: { thirdPartyInvites: ThirdPartyInvites }) {
    const invites = body.invites.map(({ room_id: roomId, sender, signed }) => ({ roomId, sender, signed }));
    await thirdPartyInvites.bound(body.mxid, invites);
    return {};
  },
});
