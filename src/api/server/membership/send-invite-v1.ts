import { endpoint } from '../../../http/endpoint.ts';
import { jsonObject } from '../../../http/schemas.ts';
import type { ReceivedInvites } from '../../../services/membership/remote/received-invites.ts';

/** Rooms of which the version is not said are of version 1 or 2. */
const UNSAID_VERSION = '1';

/** `PUT /_matrix/federation/v1/invite/{roomId}/{eventId}` · https://spec.matrix.org/v1.19/server-server-api/#put_matrixfederationv1inviteroomideventid */
export const sendInviteV1 = endpoint({
  name: 'sendInviteV1',
  summary: 'Invites a user of this server to a room of an old version',
  method: 'put',
  paths: ['/_matrix/federation/v1/invite/{roomId}/{eventId}'],
  auth: 'serverSignature',
  rateLimit: 'federation',
  body: jsonObject,
  async handle({ params, body, requester }, { receivedInvites }: { receivedInvites: ReceivedInvites }) {
    const { roomId, eventId } = params;
    const sent = { version: UNSAID_VERSION, event: body, roomState: undefined };
    const event = await receivedInvites.accept({ origin: requester.serverName, roomId, eventId, ...sent });
    return [200, { event }];
  },
});
